public import HTTP
public import JSON
import TableFiles

/// The rate limiter, quota codes and counter that all calls of a process to one partner share.
public struct CallControl: Sendable {
    let limiter: RateLimiter
    /// Codes with which the partner says that a quota that is counted by the day is used up.
    let quotaCodes: Set<String>
    /// Told of each call what came of it; nil: what it should.
    let observe: Observe

    public typealias Observe = @Sendable (_ operation: String, _ failure: PartnerError.Kind?, _ seconds: Double) -> Void

    public init(
        _ limiter: RateLimiter, quotaCodes: Set<String> = [], observe: @escaping Observe
    ) {
        self.limiter = limiter
        self.quotaCodes = quotaCodes
        self.observe = observe
    }
}

/// Sends a partner's requests and reads its answers: what is the same for all of them.
public struct Wire: Sendable {
    public let partner: String
    private let sender: any HTTPSender
    private let control: CallControl?
    /// Seconds for one call.
    private let timeout: Double

    /// - Parameter control: nil: as fast as asked for, and not counted.
    public init(partner: String, sender: any HTTPSender, timeout: Double = 10, control: CallControl? = nil) {
        self.partner = partner
        self.sender = sender
        self.timeout = timeout
        self.control = control
    }

    /// One call, from the wait for its turn to the reading of its answer; what comes of it is counted.
    /// - Parameters:
    ///   - operation: the partner's name of the call.
    ///   - shop: whose rate limit it counts for; nil: nobody's.
    ///   - secrets: what must not be in an error's message, though the partner may repeat it.
    func call<Answer>(
        _ operation: String, shop: String? = nil, hiding secrets: [String], _ body: () async throws(PartnerError) -> Answer
    ) async throws(PartnerError) -> Answer {
        let began = ContinuousClock.now
        var seconds: Double { began.duration(to: .now) / .seconds(1) }
        do throws(PartnerError) {
            try await control?.limiter.wait(operation, shop: shop, partner: partner)
            let answer = try await body()
            control?.observe(operation, nil, seconds)
            return answer
        } catch {
            let error = classified(error)
            control?.observe(operation, error.kind, seconds)
            throw error.hiding(secrets)
        }
    }

    /// The error as it is, or `quotaExhausted` when its code, or one half of a code like `50001/ISV_TRACK_ERROR`, is set for that.
    func classified(_ error: PartnerError) -> PartnerError {
        guard let control, let code = error.code else { return error }
        let codes = [code] + code.split(separator: "/").map(String.init)
        guard codes.contains(where: control.quotaCodes.contains) else { return error }
        return PartnerError(
            .quotaExhausted, partner: partner, operation: error.operation, code: code, field: error.field, message: error.message)
    }

    /// Sends the request and reads its answer as JSON.
    ///
    /// Without a JSON document of status 200 the outcome is open: a time-out, a 5xx, HTML, half a body, a redirect, a body that is too
    /// large. Status 429 is `throttled`. Other statuses with JSON are given back like 200: partners put errors into the body.
    /// - Parameters:
    ///   - operation: for errors.
    ///   - isAnswer: whether a document under a 5xx is the partner's own answer all the same.
    /// - Throws: `PartnerError`: `unavailable`, `outcomeOpen`, `throttled`; `rejected` for a URL that must not be called.
    public func json(
        _ operation: String, _ request: HTTPClientRequest, isAnswer: (JSONValue) -> Bool = { _ in false }
    ) async throws(PartnerError) -> JSONValue {
        var request = request
        request.timeout = timeout
        let response: HTTPClientResponse
        do throws(HTTPClientError) { response = try await sender.send(request) } catch {
            switch error.kind {
            case .url: throw failure(.rejected, operation, error.message)
            case .connection, .cancelled: throw failure(.unavailable, operation, error.message)
            case .timeout, .broken, .tooLarge: throw failure(.outcomeOpen, operation, error.message)
            }
        }
        if response.status == 429 { throw failure(.throttled, operation, "HTTP status 429") }
        guard response.status < 300 || response.status >= 400 else {
            throw failure(.outcomeOpen, operation, "a redirect (HTTP status \(response.status)), which is not followed")
        }
        let text = WireText.utf8(response.body)
        do throws(JSONError) {
            guard let text else { throw .invalid("neither UTF-8 nor GB18030") }
            let value = try JSONValue.decode(text)
            guard response.status < 500 || isAnswer(value) else { throw .invalid("HTTP status \(response.status)") }
            return value
        } catch {
            let type = response.header("content-type") ?? "no content type"
            throw failure(
                .outcomeOpen, operation, "no answer that makes sense: HTTP status \(response.status), \(type), \(response.body.count) bytes"
            )
        }
    }

    private func failure(_ kind: PartnerError.Kind, _ operation: String, _ message: String) -> PartnerError {
        PartnerError(kind, partner: partner, operation: operation, message: message)
    }
}

/// The charsets that partners answer in: UTF-8, and GBK or GB18030 on older gateways.
public enum WireText {
    /// The text in UTF-8 without a byte order mark; nil when it is neither UTF-8 nor GB18030.
    public static func utf8(_ body: [UInt8]) -> [UInt8]? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        // The header's encoding is not asked: it is wrong often enough. GBK's Chinese is hardly ever UTF-8 by chance, and UTF-8's often
        // GBK.
        if String(validating: body, as: UTF8.self) != nil { return body.starts(with: mark) ? Array(body.dropFirst(3)) : body }
        return try? GB18030.decode(body)
    }
}
