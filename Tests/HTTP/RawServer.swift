import Foundation
import Glibc
import Synchronization

/// A server on this machine that does with each connection what a test says, on a thread of its own.
final class RawServer: Sendable {
    let port: UInt16
    private let listening: Int32
    private let count = Mutex(0)

    var url: String { "http://127.0.0.1:\(port)" }
    /// Connections that came so far.
    var connections: Int { count.withLock { $0 } }

    /// - Parameter serve: the connection closes when it returns.
    init(_ serve: @escaping @Sendable (RawConnection) -> Void) {
        (listening, port) = boundSocket()
        precondition(listen(listening, 128) == 0)
        let listening = listening
        Thread.detachNewThread { [weak self] in
            while true {
                let accepted = accept(listening, nil, nil)
                guard accepted >= 0 else { break }
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                self?.count.withLock { $0 += 1 }
                Thread.detachNewThread { serve(RawConnection(accepted: accepted)) }
            }
            // Only here: the number may belong to another socket at once.
            close(listening)
        }
    }

    /// Ends the thread's accept.
    deinit { shutdown(listening, Int32(SHUT_RDWR)) }

    /// Answers every request alike and closes after one.
    static func answering(_ answer: String) -> RawServer {
        RawServer { connection in
            _ = connection.readRequest()
            connection.send(answer)
        }
    }
}

/// A port of this machine at which nothing listens, and which nobody else gets meanwhile.
final class UnusedPort {
    let number: UInt16
    private let descriptor: Int32

    init() { (descriptor, number) = boundSocket() }

    deinit { close(descriptor) }
}

private func boundSocket() -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            precondition(bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0)
        }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}
