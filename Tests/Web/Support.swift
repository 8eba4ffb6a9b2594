import Glibc
import HTTP
import Synchronization
import Testing
import Web

struct Visitor: Sendable {
    var name = "nobody"
    var steps: [String] = []
}

struct Refused: Error { let status: Int }

typealias TestRouter = Router<Visitor, Refused>

func testRouter(_ build: (inout TestRouter) -> Void) throws -> TestRouter {
    var router = TestRouter(
        context: { _ in Visitor() }, refusal: { why, request in .text("\(why) \(request.method)") },
        failure: { refused, call in .text("refused \(call.context.steps)", status: refused.status) })
    build(&router)
    try router.check()
    return router
}

func ask(
    _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = [], peer: String? = nil
) -> HTTPRequest {
    HTTPRequest(
        method: method, target: RequestTarget(target), headers: headers.map { .init($0.0, $0.1) }, body: body,
        remoteAddress: peer.flatMap { NetworkAddress($0) })
}

extension Router {
    /// An answer that is given at once.
    func answer(_ request: HTTPRequest) throws -> HTTPResponse {
        let given = Mutex<HTTPResponse?>(nil)
        respond(to: request) { response in given.withLock { $0 = response } }
        return try #require(given.withLock { $0 })
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}

/// What a server on this machine sends from the request on until the text ends so; all that came when it never does.
func readAnswer(port: UInt16, _ request: String, until end: String) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
    }
    guard isConnected, send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count else { return "" }
    var all: [UInt8] = []
    var byte: UInt8 = 0
    while !all.suffix(end.utf8.count).elementsEqual(end.utf8), recv(descriptor, &byte, 1, 0) == 1 { all.append(byte) }
    return String(decoding: all, as: UTF8.self)
}
