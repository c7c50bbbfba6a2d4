import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';

/** A core module from its text, for tests. */
export async function moduleOf(wat: string): Promise<Uint8Array> {
  return parse(wat);
}

/** Small modules that between them use most kinds of instructions; each exports `run: (i32) -> i32`. */
export const SAMPLES: Readonly<Record<string, string>> = {
  fib: `(module (func $fib (export "run") (param i32) (result i32)
    (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                     (call $fib (i32.sub (local.get 0) (i32.const 2))))))))`,
  sieve: `(module (memory 2) (func (export "run") (param i32) (result i32)
    (local $i i32) (local $j i32) (local $count i32)
    (memory.fill (i32.const 0) (i32.const 0) (i32.add (local.get 0) (i32.const 1)))
    (local.set $i (i32.const 2))
    (block $done (loop $outer
      (br_if $done (i32.gt_u (local.get $i) (local.get 0)))
      (if (i32.eqz (i32.load8_u (local.get $i))) (then
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $j (i32.mul (local.get $i) (i32.const 2)))
        (block $end (loop $inner
          (br_if $end (i32.gt_u (local.get $j) (local.get 0)))
          (i32.store8 (local.get $j) (i32.const 1))
          (local.set $j (i32.add (local.get $j) (local.get $i)))
          (br $inner)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $outer)))
    (local.get $count)))`,
  branchTable: `(module (func (export "run") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (i32.rem_u (local.get 0) (i32.const 4))))
      (return (i32.const 10))) (return (i32.const 20))) (i32.const 30)))`,
  indirect: `(module (type $f (func (param i32) (result i32))) (table funcref (elem $double $square))
    (func $double (type $f) (i32.mul (local.get 0) (i32.const 2)))
    (func $square (type $f) (i32.mul (local.get 0) (local.get 0)))
    (func (export "run") (param i32) (result i32)
      (call_indirect (type $f) (local.get 0) (i32.and (local.get 0) (i32.const 1)))))`,
  tailCall: `(module (func $count (param i32 i32) (result i32)
      (if (result i32) (i32.eqz (local.get 0)) (then (local.get 1))
        (else (return_call $count (i32.sub (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 3))))))
    (func (export "run") (param i32) (result i32) (call $count (local.get 0) (i32.const 0))))`,
  globals: `(module (global $a (mut i32) (i32.const 7)) (global $b (mut f64) (f64.const 1.5)) (global i64 (i64.const 5))
    (func (export "run") (param i32) (result i32)
      (global.set $a (i32.add (global.get $a) (local.get 0)))
      (global.set $b (f64.mul (global.get $b) (f64.const 2)))
      (i32.add (global.get $a) (i32.trunc_sat_f64_s (global.get $b)))))`,
  bulk: `(module (memory 1) (data $text "abcdefgh") (table 4 funcref) (elem $fs func 0)
    (func (export "run") (param i32) (result i32)
      (memory.init $text (i32.const 0) (i32.const 0) (i32.const 8))
      (memory.copy (i32.const 16) (i32.const 0) (i32.const 8))
      (memory.fill (i32.const 32) (local.get 0) (i32.const 8))
      (table.init $fs (i32.const 1) (i32.const 0) (i32.const 1))
      (table.copy (i32.const 2) (i32.const 1) (i32.const 1))
      (drop (table.grow (ref.null func) (i32.const 3)))
      (table.fill (i32.const 0) (ref.null func) (i32.const 2))
      (i32.add (table.size) (i32.add (i32.load (i32.const 18)) (i32.load8_u (i32.const 35))))))`,
  vector: `(module (memory 1) (func (export "run") (param i32) (result i32) (local v128)
    (local.set 1 (i32x4.splat (local.get 0)))
    (v128.store (i32.const 0) (i32x4.add (local.get 1) (v128.const i32x4 1 2 3 4)))
    (i32.add (i32.load (i32.const 12))
      (i8x16.extract_lane_s 3 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 1) (local.get 1))))))`,
  exceptions: `(module (tag $e (param i32)) (func $maybe (param i32)
      (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0)))))
    (func (export "run") (param i32) (result i32)
      try (result i32)
        local.get 0 call $maybe i32.const 1
      catch $e i32.const 100 i32.add
      catch_all i32.const -1
      end))`,
  wide: `(module (func (export "run") (param i32) (result i32) (local i64 f32)
    (local.set 1 (i64.mul (i64.extend_i32_s (local.get 0)) (i64.const 0x1234567890)))
    (local.set 2 (f32.convert_i32_s (local.get 0)))
    (i32.xor (i32.wrap_i64 (i64.rotl (local.get 1) (i64.const 13)))
      (select (i32.const 1) (i32.const 2) (f32.gt (local.get 2) (f32.const 10.5))))))`,
};
