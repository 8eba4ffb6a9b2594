import Glibc

/// Held by whoever lays out or draws. cairo 1.16 takes the lock of a font and that of all fonts' glyphs in either order: two threads, each with
/// fonts of its own, wait for each other for ever.
enum DrawingLock {
    /// A semaphore of one: it never moves, and is never destroyed.
    private nonisolated(unsafe) static let semaphore = {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(semaphore, 0, 1)
        return semaphore
    }()

    static func lock() { while sem_wait(semaphore) != 0 {} }

    static func unlock() { sem_post(semaphore) }
}
