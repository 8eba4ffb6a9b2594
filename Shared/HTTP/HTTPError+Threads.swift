import Threads

extension HTTPError {
    /// Starts a thread at once; it must be joined once, or detached.
    /// - Parameters:
    ///   - name: Linux keeps the first 15 bytes of it.
    ///   - body: runs to its end there; it keeps alive until then all that it refers to.
    /// - Throws: `unavailable` when the system has no thread or memory left.
    static func startingThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(HTTPError) -> NamedThread {
        do throws(ThreadError) { return try NamedThread(name, stackSize: 8 << 20, body) } catch {
            throw HTTPError(kind: .unavailable, message: "\(error): free memory, or raise the limit of threads")
        }
    }
}
