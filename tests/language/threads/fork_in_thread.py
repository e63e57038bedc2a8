# In the child of a fork made by a thread, that thread is the main one and the old main thread has ended.
import os
import threading
import warnings

warnings.simplefilter("ignore")
main = threading.current_thread()


def joins_main():
    main.join()
    print("joined", main.is_alive(), flush=True)


def forks():
    child = os.fork()
    if child:
        print("child", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        return
    thread = threading.Thread(target=joins_main)
    thread.start()
    thread.join()
    print(threading.main_thread() is threading.current_thread(), flush=True)


thread = threading.Thread(target=forks)
thread.start()
thread.join()
# expect: joined False
# expect: True
# expect: child 0


# A lock that another thread waits for can be taken again in the child, where that thread does not exist.
import time

lock = threading.Lock()
lock.acquire()
waiter = threading.Thread(target=lambda: (lock.acquire(), lock.release()))
waiter.start()
time.sleep(0.05)
pid = os.fork()
if pid == 0:
    lock.release()
    os._exit(7 if lock.acquire(timeout=5) else 1)
lock.release()
waiter.join()
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
# expect: 7
