import CCurl
import Glibc

/// A thread of our own with a name that `top -H` and a debugger show. Must be joined once, or detached.
struct ServiceThread: @unchecked Sendable {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    private let thread: pthread_t

    /// Starts the thread at once.
    /// - Parameters:
    ///   - name: Linux keeps the first 15 bytes of it.
    ///   - body: runs to its end there; what it refers to lives until then.
    /// - Throws: `unavailable`.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(HTTPError) {
        let start = Unmanaged.passRetained(Start(name, body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                daifa_curl_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw HTTPError(
                kind: .unavailable,
                message: "cannot start the thread \(name): \(String(cString: strerror(result))): free memory, or raise the limit of threads"
            )
        }
        self.thread = thread
    }

    /// Waits for the thread's end.
    func join() { pthread_join(thread, nil) }

    /// Lets it run on by itself.
    func detach() { pthread_detach(thread) }
}
