import CMimalloc

/// The process's memory allocator: mimalloc takes the place of glibc's malloc by being linked (a quarter of the allocation stage's CPU).
enum Memory {
    /// Milliseconds for which freed memory stays with the process before it goes back to the kernel: buffers of one batch serve the next,
    /// instead of being returned and faulted in again (mimalloc's own: 25).
    private static let decommitDelay = 500

    static func configure() {
        mi_option_set(mi_option_decommit_delay, decommitDelay)
    }
}
