//! The child's side of starting a program: between `fork` and `exec` only calls that are safe in a signal handler.
//!
//! Everything is prepared by the parent: the child neither allocates nor takes a lock.

use std::ffi::CString;

/// A program to start and what its process looks like. Descriptors are -1 where there is none.
pub struct Plan {
    /// Paths to try, in order.
    pub programs: Vec<CString>,
    pub args: Vec<CString>,
    /// `None`: the present environment.
    pub environment: Option<Vec<CString>>,
    pub folder: Option<CString>,
    pub close_others: bool,
    /// Descriptors that stay open, sorted.
    pub keep: Vec<i32>,
    /// (the child's end, the parent's end) of each standard stream.
    pub input: (i32, i32),
    pub output: (i32, i32),
    pub error: (i32, i32),
    /// The pipe through which the child tells of failure.
    pub report: (i32, i32),
    pub restore_signals: bool,
    pub new_session: bool,
    /// -1: stays in the parent's.
    pub group: i32,
    pub gid: Option<u32>,
    pub groups: Option<Vec<u32>>,
    pub uid: Option<u32>,
    /// -1: as the parent's.
    pub umask: i32,
}

/// What could not be done.
enum Failure {
    /// A system call failed in preparation.
    Before(i32),
    /// The folder could not be changed to.
    Folder(i32),
    /// The program could not be run.
    Exec(i32),
    /// `prepare` raised.
    Hook,
}

/// Pointers to texts, with a null at the end, as `exec` wants them.
pub fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    texts.iter().map(|t| t.as_ptr()).chain([std::ptr::null()]).collect()
}

/// The pointers that `run` needs, made before the fork.
pub struct Pointers {
    args: Vec<*const libc::c_char>,
    environment: Option<Vec<*const libc::c_char>>,
}

impl Plan {
    /// Prepares what the child may not allocate.
    pub fn pointers(&self) -> Pointers {
        Pointers { args: pointers(&self.args), environment: self.environment.as_deref().map(pointers) }
    }

    /// In the child: becomes the program, or reports why not and ends. `prepare` runs just before the program is looked for
    /// (false: it raised).
    pub fn run(&self, pointers: &Pointers, prepare: &mut dyn FnMut() -> bool) -> ! {
        let failure = self.attempt(pointers, prepare);
        // SAFETY: writes from a stack buffer and ends the process.
        unsafe {
            let mut text = [0u8; 64];
            let mut n = 0;
            let mut push = |bytes: &[u8]| {
                text[n..n + bytes.len()].copy_from_slice(bytes);
                n += bytes.len();
            };
            match failure {
                Failure::Exec(errno) | Failure::Before(errno) | Failure::Folder(errno) => {
                    push(b"OSError:");
                    let mut digits = [0u8; 8];
                    let mut at = digits.len();
                    let mut rest = errno as u32;
                    loop {
                        at -= 1;
                        digits[at] = b"0123456789ABCDEF"[(rest % 16) as usize];
                        rest /= 16;
                        if rest == 0 || at == 0 {
                            break;
                        }
                    }
                    push(&digits[at..]);
                    push(b":");
                    match failure {
                        Failure::Before(_) => push(b"noexec"),
                        Failure::Folder(_) => push(b"noexec:chdir"),
                        _ => {}
                    }
                }
                Failure::Hook => push(b"SubprocessError:0:Exception occurred in preexec_fn."),
            }
            libc::write(self.report.1, text.as_ptr().cast(), n);
            libc::_exit(255)
        }
    }

    fn attempt(&self, pointers: &Pointers, prepare: &mut dyn FnMut() -> bool) -> Failure {
        // SAFETY: system calls on numbers and on texts that the plan holds.
        unsafe {
            let mut in_folder = false;
            if self.set_up(&mut in_folder).is_err() {
                let errno = *libc::__errno_location();
                return if in_folder { Failure::Folder(errno) } else { Failure::Before(errno) };
            }
            if !prepare() {
                return Failure::Hook;
            }
            // After the hook, which may have opened some.
            if self.close_others {
                close_all_but(&self.keep, self.report.1);
            }
            // That a program is not there says less than anything else that went wrong.
            let mut errno = libc::ENOENT;
            for program in &self.programs {
                match &pointers.environment {
                    Some(environment) => libc::execve(program.as_ptr(), pointers.args.as_ptr(), environment.as_ptr()),
                    None => libc::execv(program.as_ptr(), pointers.args.as_ptr()),
                };
                let now = *libc::__errno_location();
                let says_little = matches!(now, libc::ENOENT | libc::ENOTDIR);
                if errno == libc::ENOENT || (errno == libc::ENOTDIR && !says_little) {
                    errno = now;
                }
            }
            Failure::Exec(errno)
        }
    }

    /// Sets `in_folder` while the folder is being changed.
    ///
    /// # Safety
    /// In the child of a fork.
    unsafe fn set_up(&self, in_folder: &mut bool) -> Result<(), ()> {
        let check = |result: i32| if result < 0 { Err(()) } else { Ok(result) };
        // SAFETY: system calls on numbers and on texts that the plan holds.
        unsafe {
            for fd in &self.keep {
                if *fd != self.report.1 {
                    let flags = check(libc::fcntl(*fd, libc::F_GETFD))?;
                    check(libc::fcntl(*fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC))?;
                }
            }
            for end in [self.input.1, self.output.1, self.error.1, self.report.0] {
                if end >= 0 {
                    check(libc::close(end))?;
                }
            }
            let (input, mut output, mut error) = (self.input.0, self.output.0, self.error.0);
            // A low descriptor would be overwritten before its turn.
            if output == 0 {
                output = check(libc::fcntl(output, libc::F_DUPFD_CLOEXEC, 3))?;
            }
            if error == 0 || error == 1 {
                error = check(libc::fcntl(error, libc::F_DUPFD_CLOEXEC, 3))?;
            }
            for (from, to) in [(input, 0), (output, 1), (error, 2)] {
                if from == to {
                    let flags = check(libc::fcntl(from, libc::F_GETFD))?;
                    check(libc::fcntl(from, libc::F_SETFD, flags & !libc::FD_CLOEXEC))?;
                } else if from >= 0 {
                    check(libc::dup2(from, to))?;
                }
            }
            if let Some(folder) = &self.folder {
                *in_folder = true;
                check(libc::chdir(folder.as_ptr()))?;
                *in_folder = false;
            }
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                for number in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(number, libc::SIG_DFL);
                }
            }
            if self.new_session {
                check(libc::setsid())?;
            }
            if self.group >= 0 {
                check(libc::setpgid(0, self.group))?;
            }
            if let Some(groups) = &self.groups {
                check(libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) as i32)?;
            }
            if let Some(gid) = self.gid {
                check(libc::syscall(libc::SYS_setregid, gid, gid) as i32)?;
            }
            if let Some(uid) = self.uid {
                check(libc::syscall(libc::SYS_setreuid, uid, uid) as i32)?;
            }
        }
        Ok(())
    }
}

/// Closes all descriptors from 3 on but some. `keep` is sorted.
///
/// # Safety
/// In the child of a fork.
unsafe fn close_all_but(keep: &[i32], report: i32) {
    let mut next = 3;
    let close = |from: i32, to: i32| {
        if from > to {
            return;
        }
        // SAFETY: nobody in this process uses the descriptors any more.
        unsafe {
            if libc::syscall(libc::SYS_close_range, from, to, 0) != 0 {
                let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 20) as i32;
                for fd in from..=to.min(most) {
                    libc::close(fd);
                }
            }
        }
    };
    // `report` is among `keep` for every caller; where it is not, it stays open too.
    let extra = if keep.binary_search(&report).is_ok() { -1 } else { report };
    let mut rest = keep;
    loop {
        let first = rest.first().copied();
        let stop = match (first, extra >= next) {
            (Some(fd), true) => fd.min(extra),
            (Some(fd), false) => fd,
            (None, true) => extra,
            (None, false) => break,
        };
        if first == Some(stop) {
            rest = &rest[1..];
        }
        if stop >= next {
            close(next, stop - 1);
            next = stop + 1;
        }
    }
    close(next, i32::MAX);
}

/// `fork()`, for a child that only calls `Plan::run`: no other thread's state matters to it.
///
/// # Safety
/// In the child (answer 0) nothing but `Plan::run` is called.
pub unsafe fn fork_for_exec() -> std::io::Result<i32> {
    // SAFETY: by the caller.
    match unsafe { libc::fork() } {
        -1 => Err(std::io::Error::last_os_error()),
        pid => Ok(pid),
    }
}
