;; Makes a memory what a copy of it is, two lines of 64 bytes at a time; what differs alone is written. From `at` to `end`, both multiples of 128.
;; `npx vitest run --project unit src/runtimes/wasm-http/put-back.test.ts` says what `put-back.ts` has to hold of it.
(module
  (import "" "held" (memory $held 0))
  (import "" "kept" (memory $kept 0))

  (func (export "copy") (param $at i32) (param $end i32)
    (loop $lines
      (if (v128.any_true
            (v128.or
              (v128.or
                (v128.or
                  (v128.xor (v128.load $kept (local.get $at)) (v128.load $held (local.get $at)))
                  (v128.xor (v128.load $kept offset=16 (local.get $at)) (v128.load $held offset=16 (local.get $at))))
                (v128.or
                  (v128.xor (v128.load $kept offset=32 (local.get $at)) (v128.load $held offset=32 (local.get $at)))
                  (v128.xor (v128.load $kept offset=48 (local.get $at)) (v128.load $held offset=48 (local.get $at)))))
              (v128.or
                (v128.or
                  (v128.xor (v128.load $kept offset=64 (local.get $at)) (v128.load $held offset=64 (local.get $at)))
                  (v128.xor (v128.load $kept offset=80 (local.get $at)) (v128.load $held offset=80 (local.get $at))))
                (v128.or
                  (v128.xor (v128.load $kept offset=96 (local.get $at)) (v128.load $held offset=96 (local.get $at)))
                  (v128.xor (v128.load $kept offset=112 (local.get $at)) (v128.load $held offset=112 (local.get $at)))))))
        (then
          (v128.store $held (local.get $at) (v128.load $kept (local.get $at)))
          (v128.store $held offset=16 (local.get $at) (v128.load $kept offset=16 (local.get $at)))
          (v128.store $held offset=32 (local.get $at) (v128.load $kept offset=32 (local.get $at)))
          (v128.store $held offset=48 (local.get $at) (v128.load $kept offset=48 (local.get $at)))
          (v128.store $held offset=64 (local.get $at) (v128.load $kept offset=64 (local.get $at)))
          (v128.store $held offset=80 (local.get $at) (v128.load $kept offset=80 (local.get $at)))
          (v128.store $held offset=96 (local.get $at) (v128.load $kept offset=96 (local.get $at)))
          (v128.store $held offset=112 (local.get $at) (v128.load $kept offset=112 (local.get $at)))))
      (br_if $lines (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 128)))
        (local.get $end)))))

  ;; Where the copy is all zeros.
  (func (export "clear") (param $at i32) (param $end i32)
    (local $zero v128)
    (loop $lines
      (if (v128.any_true
            (v128.or
              (v128.or
                (v128.or
                  (v128.load $held (local.get $at))
                  (v128.load $held offset=16 (local.get $at)))
                (v128.or
                  (v128.load $held offset=32 (local.get $at))
                  (v128.load $held offset=48 (local.get $at))))
              (v128.or
                (v128.or
                  (v128.load $held offset=64 (local.get $at))
                  (v128.load $held offset=80 (local.get $at)))
                (v128.or
                  (v128.load $held offset=96 (local.get $at))
                  (v128.load $held offset=112 (local.get $at))))))
        (then
          (v128.store $held (local.get $at) (local.get $zero))
          (v128.store $held offset=16 (local.get $at) (local.get $zero))
          (v128.store $held offset=32 (local.get $at) (local.get $zero))
          (v128.store $held offset=48 (local.get $at) (local.get $zero))
          (v128.store $held offset=64 (local.get $at) (local.get $zero))
          (v128.store $held offset=80 (local.get $at) (local.get $zero))
          (v128.store $held offset=96 (local.get $at) (local.get $zero))
          (v128.store $held offset=112 (local.get $at) (local.get $zero))))
      (br_if $lines (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 128)))
        (local.get $end))))))
