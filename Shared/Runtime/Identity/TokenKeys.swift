import Crypto
import Glibc
import HTTP
import JSON
import Observability
import Threads
import Tokens

/// The keys that tokens are signed with: a JWKS (RFC 7517) in a file, or under a URL.
///
/// They are read again for a token that none of them has signed, at most every few seconds, and for any token when they are five minutes old:
/// keys that are rotated need no restart, and one that was withdrawn is good for ten minutes at most. While they cannot be read the last ones
/// count.
final class TokenKeys: Sendable {
    typealias Key = JSONWebKeySet.Key

    private enum Source {
        case file(String)
        case url(String, any HTTPSender)
    }

    private struct State {
        var keys: [Key] = []
        /// When they were asked for last, and whether an answer is awaited.
        var askedAt = -Double.infinity
        var isAsking = false
        /// A token has waited for this answer: others do not, or whoever sends bad ones would hold up the service.
        var wasAwaited = false
        /// The last answer took longer than a token waits: the next one is not waited for, as long as that is so. A token of a key that is
        /// new is refused then until the answer is there.
        var isSlow = false
    }

    /// Seconds after which they are asked for again, for a token that no key fits, and anyhow.
    private static let cooldown = 5.0
    private static let freshness = 300.0
    /// Seconds that a token waits for newer keys, and that a server has to answer.
    private static let patience = 0.5
    private static let timeout = 3.0
    private static let largest = 1 << 20
    private static let wait = "the keys of tokens cannot be read again"

    private let source: Source
    private let waits: WaitLog
    private let cooldown: Double
    private let state = Monitor(State())

    /// - Parameters:
    ///   - place: of `DAIFA_AUTH_KEYS`: a path, or a URL that may be called (`https`; `http` on loopback).
    ///   - cooldown: seconds, for tests.
    /// - Throws: a file that holds no keys; a URL that must not be called. Whether a URL holds any, `load` tells.
    init(at place: String, http: any HTTPSender, logger: Logger, cooldown: Double = cooldown) throws(ConfigurationError) {
        waits = WaitLog(logger)
        self.cooldown = cooldown
        guard place.hasPrefix("http:") || place.hasPrefix("https:") else {
            source = .file(place)
            let keys = try Self.read(place)
            state.withLock { $0.keys = keys }
            return
        }
        do throws(HTTPClientError) { try CallableURL.check(place, secure: "https", plain: "http") } catch {
            throw ConfigurationError("DAIFA_AUTH_KEYS: \(error.message)")
        }
        source = .url(place, http)
    }

    /// Asks a URL for its keys; a file was read already. Blocking.
    /// - Throws: why there are none.
    func load() throws(ConfigurationError) {
        guard case .url(let url, let http) = source else { return }
        let keys = try Self.fetched(url, http, within: Self.timeout)
        state.withLock { state in
            state.keys = keys
            state.askedAt = Clock.seconds
        }
    }

    /// Whether one of the keys fits; when none does, one of newer keys.
    func contains(_ fits: (Key) -> Bool) -> Bool {
        let (keys, age) = state.withLock { ($0.keys, Clock.seconds - $0.askedAt) }
        let isKnown = keys.contains(where: fits)
        if isKnown ? age < Self.freshness : age < cooldown { return isKnown }
        renew()
        // A key may have been withdrawn in all the time that nobody has asked.
        if isKnown, age < 2 * Self.freshness { return true }
        let mayWait = state.withLock { state in
            defer { state.wasAwaited = true }
            return !state.wasAwaited && !state.isSlow
        }
        guard mayWait else { return isKnown }
        let newer = state.wait(until: .after(Self.patience)) { (state: inout State) -> [Key]? in state.isAsking ? nil : state.keys }
        guard let newer else {
            state.withLock { $0.isSlow = true }
            return isKnown
        }
        return newer.contains(where: fits)
    }

    /// Reads them again: a file at once, what a server has in the background.
    private func renew() {
        let isFirst = state.withLock { state in
            guard !state.isAsking else { return false }
            state.isAsking = true
            state.wasAwaited = false
            return true
        }
        guard isFirst else { return }
        let inTime = Deadline.after(Self.patience)
        switch source {
        case .file(let path): took(Result { () throws(ConfigurationError) in try Self.read(path) }, inTime)
        case .url(let url, let http): Task.detached { [self] in took(await Self.fetch(url, http), inTime) }
        }
    }

    private func took(_ read: Result<[Key], ConfigurationError>, _ inTime: Deadline) {
        state.update { state in
            state.isAsking = false
            state.isSlow = inTime.hasPassed
            state.askedAt = Clock.seconds
            if case .success(let keys) = read { state.keys = keys }
        }
        switch read {
        case .success: waits.over(Self.wait)
        case .failure(let error): waits.say(Self.wait, because: "\(error)")
        }
    }

    // MARK: Reading

    private static func fetched(_ url: String, _ http: any HTTPSender, within seconds: Double) throws(ConfigurationError) -> [Key] {
        let answer = Monitor<Result<[Key], ConfigurationError>?>(nil)
        Task.detached {
            let fetched = await fetch(url, http)
            answer.update { $0 = fetched }
        }
        // The request has a time limit of its own.
        guard let read = answer.wait(until: .after(seconds + 1), { $0 }) else {
            throw ConfigurationError("DAIFA_AUTH_KEYS: no answer from \(url)")
        }
        return try read.get()
    }

    private static func fetch(_ url: String, _ http: any HTTPSender) async -> Result<[Key], ConfigurationError> {
        let request = HTTPClientRequest(
            url: url, headers: [("Accept", "application/json")], timeout: timeout, maximumBody: largest)
        do throws(HTTPClientError) {
            let response = try await http.send(request)
            guard response.status == 200 else {
                return .failure(ConfigurationError("DAIFA_AUTH_KEYS: \(url) answers with HTTP status \(response.status)"))
            }
            return Result { () throws(ConfigurationError) in try keys(in: response.body, of: url) }
        } catch {
            return .failure(ConfigurationError("DAIFA_AUTH_KEYS: cannot read \(url): \(error)"))
        }
    }

    private static func read(_ path: String) throws(ConfigurationError) -> [Key] {
        guard let file = fopen(path, "r") else { throw ConfigurationError("DAIFA_AUTH_KEYS: cannot read \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: largest)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw ConfigurationError("DAIFA_AUTH_KEYS: cannot read \(path)") }
        return try keys(in: Array(bytes[..<count]), of: path)
    }

    private static func keys(in bytes: [UInt8], of place: String) throws(ConfigurationError) -> [Key] {
        let set: JSONWebKeySet
        do throws(JSONError) { set = try JSONWebKeySet(bytes) } catch {
            throw ConfigurationError("DAIFA_AUTH_KEYS: \(place) is no JWKS: \(error)")
        }
        let keys = set.keys.filter { $0.key.algorithm == .edDSA }
        if keys.isEmpty { throw ConfigurationError("DAIFA_AUTH_KEYS: \(place) holds no Ed25519 key (kty OKP, crv Ed25519)") }
        return keys
    }
}
