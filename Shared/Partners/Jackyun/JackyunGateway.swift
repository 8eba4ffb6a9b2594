import Contracts
public import HTTP
public import JSON
public import Threads

/// Calls Jackyun's open platform (吉客云): `POST https://open.jackyun.com/open/openapi/do`, a form. All methods throw `PartnerError`.
///
/// An answer is `{"code":200,"msg":"","subCode":"","result":{"data":…,"contextId":"…"}}`. Code 200 is success (Jackyun's documentation and
/// two public clients; a third takes 0, which the documentation gives to a failure).
public struct JackyunGateway: Sendable {
    static let partner = "jackyun"
    public static let defaultURL = "https://open.jackyun.com/open/openapi/do"
    /// Calls a second: the limit is not public, and shops of one ERP share it.
    public static let rates = CallRates(others: .init(total: 5))
    /// 未知错误, with code 0.
    private static let unknownError = "0130020001"

    /// The keys that the owner of the ERP has made there.
    public struct Application: Sendable, CustomStringConvertible, CustomReflectable {
        public let appKey: String
        let appSecret: String
        /// Of applications that serve several ERPs; not signed.
        let token: String?

        public init(appKey: String, appSecret: String, token: String? = nil) {
            self.appKey = appKey
            self.appSecret = appSecret
            self.token = token
        }

        public var description: String { "application \(appKey)" }
        public var customMirror: Mirror { Mirror(self, children: ["appKey": appKey]) }
    }

    private let url: String
    private let wire: Wire
    private let now: @Sendable () -> Timestamp

    /// - Parameter now: wall-clock time; it is sent as Beijing time.
    public init(
        url: String = defaultURL, sender: any HTTPSender, timeout: Double = 10, control: CallControl? = nil,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.url = url
        self.now = now
        wire = Wire(partner: Self.partner, sender: sender, timeout: timeout, control: control)
    }

    /// - Parameters:
    ///   - method: Jackyun's name of the call.
    ///   - content: business parameters.
    ///   - changes: whether the call changes something, so that an unknown error leaves open whether it has.
    /// - Returns: `result.data`.
    public func call(
        _ method: String, _ content: JSONValue, as application: Application, changes: Bool = false
    ) async throws(PartnerError) -> JSONValue {
        var fields = [
            (name: "method", value: method), ("appkey", application.appKey), ("version", "v1.0"), ("contenttype", "json"),
            ("timestamp", BeijingTime.format(Int64(now().milliseconds))),
            ("bizcontent", String(decoding: content.json, as: UTF8.self)),
        ]
        fields.append(("sign", JackyunSignature.sign(fields, secret: application.appSecret)))
        if let token = application.token { fields.append(("token", token)) }
        let request = HTTPClientRequest(
            method: "POST", url: url, headers: [("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8")],
            body: Array(FormEncoding.encode(fields).utf8))
        let secrets = [application.appSecret] + (application.token.map { [$0] } ?? [])
        return try await wire.call(method, shop: application.token, hiding: secrets) { () async throws(PartnerError) in
            try read(try await wire.json(method, request), of: method, changes: changes)
        }
    }

    private func read(_ answer: JSONValue, of method: String, changes: Bool) throws(PartnerError) -> JSONValue {
        guard let code = answer["code"]?.wireInt else { throw failure(.outcomeOpen, method, "an answer without a code") }
        guard code == 200 else { throw refusal(answer, code, method, changes: changes) }
        return answer["result"]?["data"] ?? .null
    }

    func failure(_ kind: PartnerError.Kind, _ method: String, _ message: String) -> PartnerError {
        PartnerError(kind, partner: Self.partner, operation: method, message: message)
    }

    /// Sub-codes have no public list: only the unknown error is one, and that too many calls are told in words is inferred.
    private func refusal(_ answer: JSONValue, _ code: Int, _ method: String, changes: Bool) -> PartnerError {
        let subCode = answer["subCode"]?.wireText
        let message = answer["msg"]?.wireText ?? "no reason given"
        let kind: PartnerError.Kind =
            if subCode == Self.unknownError {
                changes ? .outcomeOpen : .unavailable
            } else if ["频繁", "频率", "限流"].contains(where: message.contains) {
                .throttled
            } else {
                .rejected
            }
        return PartnerError(kind, partner: Self.partner, operation: method, code: subCode ?? String(code), message: message)
    }
}
