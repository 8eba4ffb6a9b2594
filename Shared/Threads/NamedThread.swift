import CThreads
import Glibc

/// The system gave no thread: its limit of threads or of memory is reached.
public struct ThreadError: Error, Sendable, CustomStringConvertible {
    public let thread: String
    public let errno: Int32

    public var description: String { "cannot start the thread \(thread): \(String(cString: strerror(errno)))" }
}

/// A thread of our own with a name that `top -H` and a debugger show. Must be joined once, or detached.
public final class NamedThread: @unchecked Sendable {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    public let name: String
    private let thread: pthread_t

    /// Starts the thread at once.
    /// - Parameters:
    ///   - name: Linux keeps the first 15 bytes of it.
    ///   - stackSize: bytes; only touched pages cost memory.
    public init(_ name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stackSize)
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                daifa_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            start.release()
            throw ThreadError(thread: name, errno: result)
        }
        self.name = name
        self.thread = thread
    }

    /// Waits for the thread's end.
    public func join() {
        pthread_join(thread, nil)
    }

    /// Lets it run on by itself.
    public func detach() {
        pthread_detach(thread)
    }
}
