import Crypto
import Foundation
import HTTP
import JSON

@testable import Sandbox

/// A sandbox in this process, on ports and in a folder of its own.
final class RunningSandbox {
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue? { try? JSONValue.decode(body) }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let folder: URL
    let sandbox: Sandbox
    let server: SandboxServer

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        sandbox = try Sandbox(folder: folder.path) { _ in }
        server = try SandboxServer(sandbox, port: 0)
    }

    deinit {
        server.stop()
        try? FileManager.default.removeItem(at: folder)
    }

    var base: String { "http://127.0.0.1:\(server.port)" }

    // MARK: Requests

    /// One request on a connection of its own. A short answer or none is what it is: nothing is awaited longer than `timeout`.
    func send(
        _ method: String, _ target: String, headers: [String: String] = [:], body: String = "", timeout: Int = 20
    ) throws -> Answer {
        try RawClient.send(port: server.port, method, target, headers: headers, body: Array(body.utf8), timeout: timeout)
    }

    /// `GET /sandbox/<path>`, or `POST` with a body.
    @discardableResult
    func control(_ path: String, _ body: JSONValue? = nil) throws -> JSONValue {
        let text = body.map { String(decoding: $0.json, as: UTF8.self) }
        let answer = try send(text == nil ? "GET" : "POST", "/sandbox/\(path)", body: text ?? "")
        guard answer.status == 200, let json = answer.json else { throw Failure(description: "\(path): \(answer.status) \(answer.text)") }
        return json
    }

    func fault(_ operation: String, _ kind: String, count: Int = 1, _ more: [(String, JSONValue)] = []) throws {
        try control("faults", .object([("operation", .string(operation)), ("kind", .string(kind)), ("count", .int(count))] + more))
    }

    // MARK: JD

    /// An access token of the demo PIN.
    func jdToken(subscribe: Bool = false, account: String = "daifa-demo") throws -> String {
        let answer = try jdTokens(code: try code("/oauth2/to_login?app_key=jd-app", subscribe: subscribe, account: account))
        guard let token = answer["access_token"]?.string else { throw Failure(description: "no token: \(answer)") }
        return token
    }

    func code(_ page: String, subscribe: Bool = false, account: String) throws -> String {
        let url = "\(base)\(page)&response_type=code&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback&state=s1"
        let answer = try control(
            "consent", ["authorizeUrl": .string(url), "approve": true, "subscribe": .bool(subscribe), "account": .string(account)])
        let redirect = answer["redirectUrl"]?.string ?? ""
        guard let code = FormText.split(url: redirect).query.first(where: { $0.name == "code" })?.value else {
            throw Failure(description: "no code: \(redirect)")
        }
        return code
    }

    func jdTokens(code: String) throws -> JSONValue {
        let path = "/oauth2/access_token?app_key=jd-app&app_secret=jd-secret&grant_type=authorization_code&code=\(code)"
        return try send("GET", path).json ?? .null
    }

    /// A call of `/routerjson`; `change` may spoil the parameters before they are signed, `signed` after that.
    func jos(
        _ method: String, _ inner: JSONValue, token: String?, change: (inout [String: String]) -> Void = { _ in },
        signed: (inout [String: String]) -> Void = { _ in }
    ) throws -> Answer {
        var parameters = [
            "app_key": "jd-app", "v": "2.0", "method": method, "timestamp": Self.beijing(Date()),
            "360buy_param_json": String(decoding: inner.json, as: UTF8.self),
        ]
        parameters["access_token"] = token
        change(&parameters)
        let text = "jd-secret" + parameters.sorted { $0.key < $1.key }.map { $0.key + $0.value }.joined() + "jd-secret"
        parameters["sign"] = Hexadecimal.encode(Digest.md5(Array(text.utf8)), uppercase: true)
        signed(&parameters)
        return try form("/routerjson", parameters)
    }

    func form(_ path: String, _ parameters: [String: String], timeout: Int = 20) throws -> Answer {
        let body = parameters.map { "\(FormText.encode($0.key))=\(FormText.encode($0.value))" }.joined(separator: "&")
        return try send(
            "POST", path, headers: ["Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"], body: body, timeout: timeout)
    }

    /// Foundation's own view of the time in Beijing.
    static func beijing(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return formatter.string(from: date)
    }

    static let outbound: JSONValue = [
        "isvUUID": "order-1_1", "isvSource": "ISV0020000000001", "shopNo": "ESP0020000000001", "departmentNo": "EBU4418046500001",
        "warehouseNo": "110000001", "salePlatformSource": "6", "consigneeName": "张三", "consigneeMobile": "13900000001",
        "consigneeAddress": "上海市浦东新区世纪大道1号", "addressProvince": "上海", "orderMark": .string(String(repeating: "0", count: 50)),
        "isvGoodsNo": "TEA-500,CUP-2", "quantity": "2,1", "salesPlatformOrderNo": "order-1_1",
    ]
}

extension JSONValue {
    /// An object with this member changed, added, or with nil taken away.
    func changing(_ name: String, to value: JSONValue?) -> JSONValue {
        let kept = (members ?? []).filter { $0.0 != name }
        return .object(kept + (value.map { [(name, $0)] } ?? []))
    }

    /// Down a path of names.
    func at(_ names: String...) -> JSONValue? { names.reduce(self as JSONValue?) { value, name in value?[name] } }
}
