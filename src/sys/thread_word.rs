//! Words that each thread has of its own, for the hottest paths.
//!
//! A `thread_local!` of a library is found by a call, as far as the compiler knows (the general-dynamic model; the linker
//! makes an addition of it in the end): everything around is kept out of the registers that a call may change. These
//! words lie at a fixed distance from the thread pointer (the local-exec model: Drepper, "ELF Handling For Thread-Local
//! Storage", 4.4), so reading one is one instruction that changes nothing else. That is right for executables, which is
//! all that this library is linked into.

/// Declares a word of the calling thread, zero at first: `$name::get()`, `$name::set(word)`.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[macro_export]
macro_rules! thread_word {
    ($(#[$doc:meta])* $name:ident = $symbol:literal) => {
        std::arch::global_asm!(
            ".pushsection .tbss,\"awT\",@nobits",
            ".p2align 3",
            concat!(".globl ", $symbol),
            concat!(".hidden ", $symbol),
            concat!(".type ", $symbol, ", @object"),
            concat!(".size ", $symbol, ", 8"),
            concat!($symbol, ":"),
            ".zero 8",
            ".popsection",
        );

        $(#[$doc])*
        #[allow(non_snake_case, reason = "named as a static")]
        mod $name {
            #[inline(always)]
            pub fn get() -> u64 {
                let word: u64;
                // SAFETY: reads the thread's word, which is there as long as the thread is.
                unsafe {
                    std::arch::asm!(
                        concat!("mov {}, qword ptr fs:[", $symbol, "@TPOFF]"),
                        out(reg) word,
                        options(pure, readonly, nostack, preserves_flags)
                    )
                };
                word
            }

            #[inline(always)]
            pub fn set(word: u64) {
                // SAFETY: writes the thread's word.
                unsafe {
                    std::arch::asm!(
                        concat!("mov qword ptr fs:[", $symbol, "@TPOFF], {}"),
                        in(reg) word,
                        options(nostack, preserves_flags)
                    )
                };
            }
        }
    };
}

/// Declares a word of the calling thread, zero at first: `$name::get()`, `$name::set(word)`.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
#[macro_export]
macro_rules! thread_word {
    ($(#[$doc:meta])* $name:ident = $symbol:literal) => {
        $(#[$doc])*
        #[allow(non_snake_case, reason = "named as a static")]
        mod $name {
            thread_local! {
                static WORD: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
            }

            #[inline(always)]
            pub fn get() -> u64 {
                WORD.get()
            }

            #[inline(always)]
            pub fn set(word: u64) {
                WORD.set(word)
            }
        }
    };
}
