import CCurl
import Glibc

/// Starts a thread that nobody waits for, with a name that `top -H` and a debugger show.
/// - Parameters:
///   - name: Linux keeps the first 15 bytes of it.
///   - body: runs to its end there; what it refers to lives until then.
func startServiceThread(_ name: String, _ body: @escaping @Sendable () -> Void) throws(HTTPError) {
    final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = Unmanaged.passRetained(Start(name, body))
    var thread = pthread_t()
    let result = pthread_create(
        &thread, &attributes,
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
            message: "cannot start the thread \(name): \(String(cString: strerror(result))): free memory, or raise the limit of threads")
    }
}
