import CommandLine
import Contracts
import Crypto
import Kafka
import Runtime

/// How a command of this program shows the services who sends, where they require it (contract, section 2).
enum SenderProof {
    /// The services believe what `ce_actor` says.
    case none
    /// `Bearer <JWT>` of the one who acts.
    case token(String)
    /// The deployment's own keys: of whoever runs the services.
    case keys(ServiceKeys)

    /// - Parameter path: of a file with a JWT; nil: none is needed.
    static func token(in path: String?) throws(CommandFailure) -> SenderProof {
        guard let path else { return .none }
        let token = String(decoding: try CommandLineInput.read(path), as: UTF8.self).filter { !$0.isWhitespace }
        guard !token.isEmpty else { throw CommandFailure(.badData, "\(path): is empty, and should hold a JWT") }
        return .token("Bearer \(token)")
    }

    /// - Parameter path: `DAIFA_SERVICE_KEY_FILE`, or the file of services that this process has started; nil or empty: none is needed.
    static func keys(in path: String?) throws(CommandFailure) -> SenderProof {
        guard let path, !path.isEmpty else { return .none }
        do throws(ConfigurationError) { return .keys(try ServiceKeys(path: path)) } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    /// By the environment.
    static func keys() throws(CommandFailure) -> SenderProof { try keys(in: ThisProcess.environment["DAIFA_SERVICE_KEY_FILE"]) }

    /// The headers, and behind them what shows who sends.
    func added(to headers: [Header], topic: String, key: String, body: [UInt8]) -> [Header] {
        switch self {
        case .none: headers
        case .token(let bearer): headers + [Header(EnvelopeHeader.authorization, bearer)]
        case .keys(let keys): headers + [keys.header(topic: topic, key: Array(key.utf8), headers: headers, body: body)]
        }
    }

    /// Whom the services will take for the sender: of a token, its `sub`; nil: what `ce_actor` says.
    var actor: Actor? {
        guard case .token(let bearer) = self else { return nil }
        let parts = bearer.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = Base64URL.decode(String(parts[1])) else { return nil }
        return TokenSubject.read(claims)
    }
}
