#if DEBUG
    import Glibc
#endif

/// Catches, in debug builds, a handle that is used from more than one thread. The first use decides which thread that is.
struct ThreadConfinement {
    #if DEBUG
        private var owner: pthread_t?
    #endif

    mutating func check() {
        #if DEBUG
            let current = pthread_self()
            if let owner {
                assert(pthread_equal(owner, current) != 0, "a Kafka handle is used from a second thread")
            } else {
                owner = current
            }
        #endif
    }
}
