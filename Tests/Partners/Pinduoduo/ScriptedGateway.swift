import Contracts
import HTTP
import JSON
import Partners
import Synchronization
import Testing
import Threads

/// A gateway against a script of answers; keeps what was asked, as the platform would read it.
struct ScriptedGateway {
    /// 2023-11-14 22:13:20 UTC.
    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    let sender: ScriptedSender
    let gateway: PinduoduoGateway

    init(quotaCodes: Set<String> = [], _ answers: ScriptedSender.Answer...) {
        sender = ScriptedSender(answers)
        gateway = PinduoduoGateway(
            application: .init(clientId: "testid", clientSecret: "testsecret"), sender: sender,
            control: CallControl(RateLimiter(CallRates()), quotaCodes: quotaCodes) { _, _, _ in }, now: { Self.now })
    }

    init(_ answers: String...) {
        sender = ScriptedSender(answers.map { ScriptedSender.Answer.json($0) })
        gateway = PinduoduoGateway(
            application: .init(clientId: "testid", clientSecret: "testsecret"), sender: sender, now: { Self.now })
    }

    /// The fields of a request's form.
    func fields(_ index: Int = 0) throws -> [String: String] {
        try #require(index < sender.requests.count)
        let fields = try #require(FormEncoding.decode(String(decoding: sender.requests[index].body, as: UTF8.self)))
        return Dictionary(fields.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// An object or list that was sent as JSON text.
    func object(_ name: String, _ index: Int = 0) throws -> JSONValue { try JSONValue.decode(#require(try fields(index)[name])) }

    /// `{"error_response":…}` as the platform's pages show it.
    static func error(_ code: Int, _ message: String = "错误", subCode: String = "null", subMessage: String = "") -> String {
        """
        {"error_response":{"error_msg":"\(message)","sub_msg":"\(subMessage)","sub_code":\(subCode),"error_code":\(code),"request_id":"15440104776643887"}}
        """
    }
}

/// What was thrown; an issue when nothing was.
func partnerError<Value>(_ body: () async throws(PartnerError) -> Value) async throws -> PartnerError {
    do throws(PartnerError) { _ = try await body() } catch { return error }
    throw Unexpected()
}

private struct Unexpected: Error, CustomStringConvertible {
    var description: String { "nothing was thrown" }
}
