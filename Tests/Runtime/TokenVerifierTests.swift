import Contracts
import Crypto
import Foundation
import HTTP
import Observability
import Synchronization
import TestSupport
import Testing
import Threads

@testable import Runtime

@Suite struct TokenVerifierTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private let issuer: TokenIssuer
    private let verifier: TokenVerifier

    init() throws {
        issuer = try TokenIssuer()
        verifier = try Self.verifier(TokenIssuer.keySet(issuer, TokenIssuer(id: "k2")))
    }

    private static func verifier(_ keys: String) throws -> TokenVerifier {
        let file = try TemporaryFile(keys)
        return try withExtendedLifetime(file) { try Self.verifier(Self.keys(at: file.path)) }
    }

    private static func verifier(_ keys: TokenKeys, issuer: String? = nil) -> TokenVerifier {
        TokenVerifier(keys, audience: "daifa", issuer: issuer)
    }

    private static func keys(at place: String, _ http: any HTTPSender = LazyHTTPClient()) throws(ConfigurationError) -> TokenKeys {
        try TokenKeys(at: place, http: http, logger: Logger(label: "test", level: .critical), cooldown: 0)
    }

    private func expectRefused(_ header: String?, _ text: String) throws {
        let refusal = try #require(throws: Refusal.self) { try verifier.actor(of: header, now: Self.now) }
        #expect(refusal.code == .unauthorized)
        #expect(refusal.message.contains(text), "\(refusal.message)")
    }

    @Test func theSubjectOfAGoodTokenIsTheActor() throws {
        let token = try issuer.bearer(#""sub":"merchant:m1","exp":1800000001,"nbf":1799999999,"iss":"x","aud":"daifa""#)
        #expect(try verifier.actor(of: token, now: Self.now) == Actor(.merchant, "m1"))
        #expect(try verifier.actor(of: "bearer" + token.dropFirst(6), now: Self.now) == Actor(.merchant, "m1"))
    }

    /// Claims of a good token of m1 but for what is given.
    private static func claims(_ more: String) -> String {
        #""sub":"merchant:m1","exp":1800000001,"aud":"daifa""# + (more.isEmpty ? "" : "," + more)
    }

    @Test func aTokenEndsWithinADay() throws {
        func token(_ exp: String) throws -> String { try issuer.bearer(#""sub":"merchant:m1","aud":"daifa""# + exp) }
        #expect(try verifier.actor(of: token(#","exp":1800086400"#), now: Self.now) == Actor(.merchant, "m1"))
        try expectRefused(token(#","exp":1800086401"#), "more than 24 hours")
        try expectRefused(token(#","exp":9999999999"#), "more than 24 hours")
        try expectRefused(token(""), "no exp")
        try expectRefused(token(#","exp":null"#), "no exp")
        try expectRefused(token(#","exp":"soon""#), "exp")
    }

    @Test func aTokenIsForDaifa() throws {
        func token(_ aud: String) throws -> String { try issuer.bearer(#""sub":"merchant:m1","exp":1800000001"# + aud) }
        for good in [#","aud":"daifa""#, #","aud":["daifa"]"#, #","aud":["other","daifa"]"#] {
            #expect(try verifier.actor(of: token(good), now: Self.now) == Actor(.merchant, "m1"))
        }
        for bad in ["", #","aud":"Daifa""#, #","aud":["other"]"#, #","aud":[]"#, #","aud":null"#, #","aud":["daifax",7]"#] {
            try expectRefused(token(bad), "aud")
        }
        try expectRefused(token(#","aud":7"#), "aud")
    }

    @Test func theIssuerCountsWhereOneIsNamed() throws {
        let file = try TemporaryFile(TokenIssuer.keySet(issuer))
        let verifier = Self.verifier(try Self.keys(at: file.path), issuer: "https://issuer.example")
        #expect(
            try verifier.actor(of: issuer.bearer(Self.claims(#""iss":"https://issuer.example""#)), now: Self.now) == Actor(.merchant, "m1"))
        for claims in [Self.claims(""), Self.claims(#""iss":"https://issuer.example/""#)] {
            let refusal = try #require(throws: Refusal.self) { try verifier.actor(of: issuer.bearer(claims), now: Self.now) }
            #expect(refusal.code == .unauthorized && refusal.message.contains("iss"))
        }
        withExtendedLifetime(file) {}
    }

    @Test func aMissingOrMalformedToken() throws {
        try expectRefused(nil, "a token is required")
        try expectRefused("", "a token is required")
        try expectRefused("Basic abc", "a token is required")
        for text in ["x", "a.b", "a.b.c.d", "..", "!!.!!.!!"] { try expectRefused("Bearer " + text, "no JWT") }
    }

    @Test func anExpiredToken() throws {
        try expectRefused(issuer.bearer(#""sub":"merchant:m1","exp":1800000000"#), "expired")
        try expectRefused(issuer.bearer(Self.claims(#""nbf":1800000001"#)), "not valid yet")
    }

    @Test func aForeignKey() throws {
        try expectRefused(TokenIssuer().bearer(#""sub":"merchant:m1""#), "known key")
        try expectRefused(TokenIssuer(id: nil).bearer(#""sub":"merchant:m1""#), "known key")
    }

    @Test func aKnownKeyUnderAnotherName() throws {
        try expectRefused(issuer.bearer(#""sub":"merchant:m1""#, header: #"{"alg":"EdDSA","kid":"k2"}"#), "known key")
    }

    @Test(arguments: ["none", "HS256", "RS256", "EDDSA", ""]) func anotherAlgorithm(name: String) throws {
        let token = try issuer.bearer(#""sub":"merchant:m1""#, header: #"{"alg":"\#(name)","kid":"k1"}"#)
        try expectRefused(token, "EdDSA")
        let unsigned = token.split(separator: ".").dropLast().joined(separator: ".") + "."
        try expectRefused(unsigned, "EdDSA")
    }

    @Test func aChangedToken() throws {
        let parts = try issuer.bearer(#""sub":"merchant:m1""#).split(separator: ".").map(String.init)
        let other = try issuer.bearer(#""sub":"merchant:m2""#).split(separator: ".").map(String.init)
        try expectRefused([parts[0], other[1], parts[2]].joined(separator: "."), "known key")
    }

    @Test func aSubjectThatIsNoActor() throws {
        for subject in [#""sub":"m1","#, #""sub":"robot:m1","#, #""sub":"merchant:","#, ""] {
            try expectRefused(issuer.bearer(subject + #""exp":1800000001,"aud":"daifa""#), "no actor")
        }
    }

    @Test func aKeyWithoutANameFitsEveryToken() throws {
        let nameless = try TokenIssuer(id: nil)
        let verifier = try Self.verifier(TokenIssuer.keySet(nameless))
        let token = try nameless.bearer(#""sub":"operator:o","exp":1800000001,"aud":"daifa""#, header: #"{"alg":"EdDSA","kid":"whatever"}"#)
        #expect(try verifier.actor(of: token, now: Self.now) == Actor(.operator, "o"))
    }

    @Test(arguments: [
        "", "{", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"RSA","n":"x","e":"AQAB"}]}"#,
        #"{"keys":[{"kty":"OKP","crv":"X25519","x":"AAAA"}]}"#,
        #"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}"#,
    ])
    func aBadKeyFile(text: String) throws {
        let file = try TemporaryFile(text)
        let error = try #require(throws: ConfigurationError.self) { try Self.keys(at: file.path) }
        #expect(error.description.hasPrefix("DAIFA_AUTH_KEYS:") && error.description.contains(file.path), "\(error)")
        withExtendedLifetime(file) {}
    }

    @Test(arguments: ["/nonexistent/keys.json", "/", "http://example.org/keys.json", "https://"]) func noKeyFile(path: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.keys(at: path) }
        #expect(error.description.hasPrefix("DAIFA_AUTH_KEYS:"), "\(error)")
    }

    // MARK: Keys that change

    /// Serves one document after another; the last one again and again.
    private final class Server: HTTPSender {
        private let answers: Mutex<[Result<HTTPClientResponse, HTTPClientError>]>
        let count = Mutex(0)

        init(_ answers: Result<HTTPClientResponse, HTTPClientError>...) { self.answers = Mutex(answers) }

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            count.withLock { $0 += 1 }
            return try answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }.get()
        }

        static func document(_ text: String) -> Result<HTTPClientResponse, HTTPClientError> {
            .success(HTTPClientResponse(status: 200, body: Array(text.utf8)))
        }
    }

    private static let url = "https://issuer.example/keys"

    @Test func keysComeFromAURL() async throws {
        let server = Server(Server.document(try TokenIssuer.keySet(issuer)))
        try await onThread {
            let keys = try Self.keys(at: Self.url, server)
            try keys.load()
            let token = try issuer.bearer(Self.claims(""))
            #expect(try Self.verifier(keys).actor(of: token, now: Self.now) == Actor(.merchant, "m1"))
            #expect(server.count.withLock { $0 } == 1)
        }
    }

    @Test func aTokenOfANewKeyHasTheKeysReadAgain() async throws {
        let new = try TokenIssuer(id: "k9")
        let server = Server(
            Server.document(try TokenIssuer.keySet(issuer)), .failure(HTTPClientError(.timeout, "no answer")),
            Server.document("<html>"), Server.document(try TokenIssuer.keySet(new)))
        try await onThread {
            let keys = try Self.keys(at: Self.url, server)
            try keys.load()
            let verifier = Self.verifier(keys)
            let other = #""sub":"merchant:m2","exp":1800000001,"aud":"daifa""#
            let (known, unknown) = (try issuer.bearer(Self.claims("")), try new.bearer(other))
            // While newer ones cannot be read, those that are known count.
            for _ in 1...2 {
                #expect(throws: Refusal.self) { try verifier.actor(of: unknown, now: Self.now) }
                #expect(try verifier.actor(of: known, now: Self.now) == Actor(.merchant, "m1"))
            }
            #expect(try verifier.actor(of: unknown, now: Self.now) == Actor(.merchant, "m2"))
            // What was withdrawn is good no longer.
            #expect(throws: Refusal.self) { try verifier.actor(of: known, now: Self.now) }
        }
    }

    /// Answers the first request at once and each further one when it is let go.
    private final class SlowServer: HTTPSender {
        let document: Result<HTTPClientResponse, HTTPClientError>
        let asked = Mutex(0)
        private let stream: AsyncStream<Void>
        let letGo: AsyncStream<Void>.Continuation

        init(_ document: Result<HTTPClientResponse, HTTPClientError>) {
            self.document = document
            (stream, letGo) = AsyncStream.makeStream(of: Void.self)
        }

        func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
            let isFirst = asked.withLock { asked in
                asked += 1
                return asked == 1
            }
            if !isFirst { _ = await stream.first { true } }
            return try document.get()
        }
    }

    @Test func aServerThatIsSlowIsNotWaitedForAgainAndAgain() async throws {
        let server = SlowServer(Server.document(try TokenIssuer.keySet(issuer)))
        try await onThread {
            let keys = try Self.keys(at: Self.url, server)
            try keys.load()
            let first = ContinuousClock().measure { #expect(!keys.contains { _ in false }) }
            #expect(first < .seconds(2))
            let later = ContinuousClock().measure {
                for round in 2...4 {
                    // The answer comes only now, and the next token has the server asked again.
                    server.letGo.yield()
                    #expect(
                        eventually(within: 20) {
                            _ = keys.contains { _ in false }
                            return server.asked.withLock { $0 } > round
                        })
                }
            }
            #expect(later < .seconds(1))
        }
    }

    @Test func aFileThatIsChangedIsReadAgain() async throws {
        let new = try TokenIssuer(id: "k9")
        let file = try TemporaryFile(TokenIssuer.keySet(issuer))
        let path = file.path
        try await onThread {
            let verifier = Self.verifier(try Self.keys(at: path))
            let token = try new.bearer(#""sub":"merchant:m2","exp":1800000001,"aud":"daifa""#)
            #expect(throws: Refusal.self) { try verifier.actor(of: token, now: Self.now) }
            try TokenIssuer.keySet(new).write(toFile: path, atomically: true, encoding: .utf8)
            #expect(try verifier.actor(of: token, now: Self.now) == Actor(.merchant, "m2"))
        }
        withExtendedLifetime(file) {}
    }

    @Test(arguments: [404, 500, 302]) func aURLWithoutKeysIsTold(_ status: Int) async throws {
        let server = Server(.success(HTTPClientResponse(status: status)))
        try await onThread {
            let keys = try Self.keys(at: Self.url, server)
            let error = try #require(throws: ConfigurationError.self) { try keys.load() }
            #expect(error.description.contains(Self.url) && error.description.contains("\(status)"))
        }
    }
}
