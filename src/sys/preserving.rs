//! Calls that change no register of the caller: for the rare way out of a hot path. The code around such a call keeps
//! what it holds where it is, and, where it makes no other call, saves nothing at its beginning.

/// Calls an `extern "C"` function of one pointer and answers what it returns (a u64 whose upper bits may be anything; of a
/// function that returns nothing: anything).
///
/// # Safety
/// As of the function called, safe or not.
#[cfg(all(target_arch = "x86_64", unix, not(debug_assertions)))]
#[macro_export]
macro_rules! call_preserving {
    ($function:path, $pointer:expr) => {{
        /// Saves the registers that the calling convention lets a callee change, but rax, in which it takes the pointer and
        /// gives the result (System V ABI, AMD64 supplement, 3.2.1).
        #[unsafe(naked)]
        unsafe extern "C" fn stub() {
            std::arch::naked_asm!(
                "push rbp",
                "mov rbp, rsp",
                "push rcx",
                "push rdx",
                "push rsi",
                "push rdi",
                "push r8",
                "push r9",
                "push r10",
                "push r11",
                "and rsp, -16",
                "mov rdi, rax",
                "call {}",
                "lea rsp, [rbp - 64]",
                "pop r11",
                "pop r10",
                "pop r9",
                "pop r8",
                "pop rdi",
                "pop rsi",
                "pop rdx",
                "pop rcx",
                "pop rbp",
                "ret",
                sym $function
            )
        }
        let pointer: *const _ = $pointer;
        let mut word = pointer as u64;
        // The stub keeps the other registers; it runs below the red zone, where the compiler may keep values; the vector
        // registers are given up.
        std::arch::asm!(
            "lea rsp, [rsp - 128]",
            "call {}",
            "lea rsp, [rsp + 128]",
            sym stub,
            inlateout("rax") word,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack)
        );
        word
    }};
}

/// As above, by an ordinary call.
#[cfg(not(all(target_arch = "x86_64", unix, not(debug_assertions))))]
#[macro_export]
macro_rules! call_preserving {
    ($function:path, $pointer:expr) => {
        $crate::sys::preserving::Answer::word($function($pointer))
    };
}

/// What such a function returns, as a word.
#[cfg(not(all(target_arch = "x86_64", unix, not(debug_assertions))))]
pub trait Answer {
    /// # Safety
    /// None: unsafe so that the calls look the same with and without the macro's other form.
    unsafe fn word(self) -> u64;
}

#[cfg(not(all(target_arch = "x86_64", unix, not(debug_assertions))))]
impl Answer for () {
    unsafe fn word(self) -> u64 {
        0
    }
}

#[cfg(not(all(target_arch = "x86_64", unix, not(debug_assertions))))]
impl Answer for bool {
    unsafe fn word(self) -> u64 {
        self as u64
    }
}
