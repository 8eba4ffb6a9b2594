import CommandLine
import Contracts
import Glibc
import HTTP
import JSON
import Runtime
import Threads

/// The partners on this machine: where `daifa-sandbox` listens, and how the services are pointed at it.
struct LocalSandbox: Sendable {
    /// The applications that the sandbox knows from its start.
    static let jdKey = "jd-app"
    static let jdSecret = "jd-secret"
    static let pinduoduoKey = "pdd-app"
    static let pinduoduoSecret = "pdd-secret"
    /// Seconds after which every order at a partner takes a step.
    private static let step = "0.5"

    let port: UInt16
    let messagePort: UInt16
    private let folder: String
    private let client = LazyHTTPClient()

    /// - Parameter data: its folder is `<data>/sandbox`.
    init(data: String, port: UInt16, messagePort: UInt16) throws(CommandFailure) {
        self.port = port
        self.messagePort = messagePort
        folder = "\(data)/sandbox"
        try Path.makeFolder(folder)
        try write(Self.jdSecret, "jd.secret")
        try write(Self.pinduoduoSecret, "pinduoduo.secret")
    }

    private var base: String { "http://127.0.0.1:\(port)" }

    private func write(_ text: String, _ name: String) throws(CommandFailure) {
        let file = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if file >= 0 { close(file) } }
        guard file >= 0, Glibc.write(file, text, text.utf8.count) == text.utf8.count else {
            throw CommandFailure(.unavailable, "\(folder)/\(name) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    /// Variables that point the services at the sandbox (design, section 10).
    var environment: [String: String] {
        [
            "DAIFA_PARTNER_JD_OAUTH_URL": base, "DAIFA_PARTNER_JD_JOS_URL": "\(base)/routerjson", "DAIFA_PARTNER_JD_ISC_OAUTH_URL": base,
            "DAIFA_PARTNER_JD_ISC_URL": base, "DAIFA_PARTNER_PINDUODUO_AUTHORIZE_URL": "\(base)/service-market/auth",
            "DAIFA_PARTNER_PINDUODUO_GATEWAY_URL": "\(base)/api/router",
            "DAIFA_PARTNER_PINDUODUO_MESSAGE_URL": "ws://127.0.0.1:\(messagePort)/message",
            "DAIFA_PARTNER_JACKYUN_GATEWAY_URL": "\(base)/open/openapi/do", "DAIFA_PARTNER_JD_APP_KEY": Self.jdKey,
            "DAIFA_PARTNER_JD_APP_SECRET_FILE": "\(folder)/jd.secret", "DAIFA_PARTNER_JD_ISV_SOURCE": DemoPartnerWorld.isvSource,
            "DAIFA_PARTNER_PINDUODUO_APP_KEY": Self.pinduoduoKey,
            "DAIFA_PARTNER_PINDUODUO_APP_SECRET_FILE": "\(folder)/pinduoduo.secret",
        ]
    }

    /// - Parameter consolePort: where statuses are pushed to.
    func command(executables: String, consolePort: UInt16) -> [String] {
        [
            "\(executables)/daifa-sandbox", "--port", "\(port)", "--message-port", "\(messagePort)", "--data", folder, "--push-url",
            "http://127.0.0.1:\(consolePort)/partners/jd-fulfillment/status", "--auto-advance", Self.step,
        ]
    }

    // MARK: Actions of people on the partners' side

    /// `POST /sandbox/<what>`.
    @discardableResult
    func control(_ what: String, _ body: JSONValue) throws -> JSONValue {
        let response = try answer(HTTPClientRequest(method: "POST", url: "\(base)/sandbox/\(what)", body: body.json))
        guard response.status < 300 else {
            throw CommandFailure(
                .bug, "the sandbox answered \(what) with \(response.status): \(String(decoding: response.body.prefix(300), as: UTF8.self))")
        }
        return (try? JSONValue.decode(response.body)) ?? .null
    }

    /// Goes where the partner's page has sent the browser.
    func follow(_ url: String) throws {
        let response = try answer(HTTPClientRequest(url: url))
        guard response.status == 200 else { throw CommandFailure(.bug, "the console answered a consent with \(response.status)") }
    }

    private func answer(_ request: HTTPClientRequest) throws -> HTTPClientResponse {
        let result = Monitor<Result<HTTPClientResponse, HTTPClientError>?>(nil)
        Task.detached { [client] in
            do throws(HTTPClientError) {
                let response = try await client.send(request)
                result.update { $0 = .success(response) }
            } catch { result.update { $0 = .failure(error) } }
        }
        return try result.wait { $0 }?.get() ?? HTTPClientResponse(status: 0)
    }
}
