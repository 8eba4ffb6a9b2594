import Glibc
import HTTP
import JSON

/// Turns an answer into the one that a fault asks for.
enum FaultAnswers {
    private static let slowSeconds = 3.0
    /// Longer than anybody waits.
    private static let timeoutSeconds = 120.0
    private static let hugeBytes = 16 << 20

    /// - Parameter document: the right answer; nil when the work was not done.
    static func answer(_ fault: Fault, _ document: JSONValue?, _ dialect: any Dialect) -> SandboxAnswer {
        let right = SandboxAnswer(document ?? dialect.document(Refusal(.system, "fault \(fault.kind.rawValue)")))
        var answer = right
        switch fault.kind {
        case .slow: answer.delay = fault.seconds ?? slowSeconds
        case .timeoutAfter, .timeoutBefore:
            answer.delay = fault.seconds ?? timeoutSeconds
            answer.isDropped = true
        case .drop: answer.isDropped = true
        case .http500: answer = SandboxAnswer(.text("Internal Server Error\n", status: 500))
        case .html:
            answer = SandboxAnswer(
                .text("<!DOCTYPE html><html><body><h1>系统繁忙，请稍后再试</h1></body></html>\n", type: "text/html; charset=utf-8"))
        case .halfBody: answer.response.body = Array(right.response.body.prefix(right.response.body.count / 2))
        case .redirect: answer = SandboxAnswer(HTTPResponse(status: 302, headers: [("Location", "http://127.0.0.1:9/elsewhere")]))
        case .garbage: answer.response.body = (0..<256).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 131) }
        case .gbk:
            answer.response.headers = [("Content-Type", "application/json; charset=GBK")]
            answer.response.body = GBK.encode(right.response.body)
        case .throttle: answer = SandboxAnswer(dialect.document(Refusal(.throttled, "too many calls")))
        case .expiredToken: answer = SandboxAnswer(dialect.document(Refusal(.token, "the access token has expired")))
        case .wrongSign: answer = SandboxAnswer(dialect.document(Refusal(.signature, "the signature is wrong")))
        case .huge: answer.response.body = [UInt8](repeating: UInt8(ascii: " "), count: hugeBytes) + right.response.body
        case .error200: answer = SandboxAnswer(dialect.document(Refusal(.system, "system error")))
        // Of pushes only.
        case .duplicate, .reorder: break
        }
        return answer
    }
}

/// The encoding of older Chinese gateways, by glibc's iconv.
enum GBK {
    /// The UTF-8 text in GBK; what GBK does not have is left out.
    static func encode(_ utf8: [UInt8]) -> [UInt8] {
        guard let converter = iconv_open("GBK//IGNORE", "UTF-8"), converter != iconv_t(bitPattern: -1) else { return utf8 }
        defer { iconv_close(converter) }
        // GBK takes one byte or two; UTF-8 never fewer.
        return [UInt8](unsafeUninitializedCapacity: utf8.count) { output, written in
            utf8.withUnsafeBytes { input in
                var from = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: CChar.self)
                var left = input.count
                var to = output.baseAddress.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self) }
                var room = output.count
                _ = iconv(converter, &from, &left, &to, &room)
                written = output.count - room
            }
        }
    }
}
