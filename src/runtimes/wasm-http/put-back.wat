;; Makes a memory what a copy of it is, a line of 64 bytes at a time; what differs alone is written. From `at` to `end`, both multiples of 64.
;; `npx vitest run --project unit src/runtimes/wasm-http/put-back.test.ts` says what `put-back.ts` has to hold of it.
(module
  (import "" "held" (memory $held 0))
  (import "" "kept" (memory $kept 0))

  (func (export "copy") (param $at i32) (param $end i32)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (loop $line
      (local.set $a (v128.load $kept (local.get $at)))
      (local.set $b (v128.load $kept offset=16 (local.get $at)))
      (local.set $c (v128.load $kept offset=32 (local.get $at)))
      (local.set $d (v128.load $kept offset=48 (local.get $at)))
      (if (v128.any_true (v128.or
            (v128.or (v128.xor (local.get $a) (v128.load $held (local.get $at)))
                     (v128.xor (local.get $b) (v128.load $held offset=16 (local.get $at))))
            (v128.or (v128.xor (local.get $c) (v128.load $held offset=32 (local.get $at)))
                     (v128.xor (local.get $d) (v128.load $held offset=48 (local.get $at))))))
        (then
          (v128.store $held (local.get $at) (local.get $a))
          (v128.store $held offset=16 (local.get $at) (local.get $b))
          (v128.store $held offset=32 (local.get $at) (local.get $c))
          (v128.store $held offset=48 (local.get $at) (local.get $d))))
      (br_if $line (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 64)))
        (local.get $end)))))

  ;; Where the copy is all zeros.
  (func (export "clear") (param $at i32) (param $end i32)
    (local $zero v128)
    (loop $line
      (if (v128.any_true (v128.or
            (v128.or (v128.load $held (local.get $at))
                     (v128.load $held offset=16 (local.get $at)))
            (v128.or (v128.load $held offset=32 (local.get $at))
                     (v128.load $held offset=48 (local.get $at)))))
        (then
          (v128.store $held (local.get $at) (local.get $zero))
          (v128.store $held offset=16 (local.get $at) (local.get $zero))
          (v128.store $held offset=32 (local.get $at) (local.get $zero))
          (v128.store $held offset=48 (local.get $at) (local.get $zero))))
      (br_if $line (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 64)))
        (local.get $end))))))
