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
