import CCurl
import Synchronization

/// One request on its way. After it was handed to the loop only the loop's thread touches it, but for `isCancelled`.
final class Transfer: @unchecked Sendable {
    /// No exchange takes longer; also what an infinite timeout becomes.
    private static let longestTimeout = 1e6

    let deadline: ContinuousClock.Instant
    let isCancelled = Atomic(false)
    var continuation: CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>?
    private(set) var easy: UnsafeMutableRawPointer?

    private let request: HTTPClientRequest
    private let destination: Destination
    private var headers: UnsafeMutablePointer<curl_slist>?
    /// libcurl's own words for what went wrong.
    private let reason: UnsafeMutablePointer<CChar>
    private var answer: Answer
    /// A connection stood and the request was about to be sent.
    private var hasBegun = false
    private var repeats = false

    /// - Throws: `url`.
    init(_ request: HTTPClientRequest) throws(HTTPClientError) {
        guard HeaderSyntax.isToken(request.method) else {
            throw HTTPClientError(.url, "the method is empty or holds what no method may hold")
        }
        try HeaderSyntax.check(request.headers)
        destination = try Destination(request.url, secure: "https", plain: "http", anywhere: request.allowsPlain)
        self.request = request
        answer = Answer(maximumBody: max(0, request.maximumBody))
        // Not a number is no time.
        let timeout = request.timeout > 0 ? min(request.timeout, Self.longestTimeout) : 0
        deadline = .now + .seconds(timeout)
        // Last: a deinit does not follow an init that throws.
        reason = .allocate(capacity: Int(CURL_ERROR_SIZE))
        reason.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        if let easy { curl_easy_cleanup(easy) }
        curl_slist_free_all(headers)
        reason.deallocate()
    }

    func fail(_ kind: HTTPClientError.Kind, _ message: String) {
        resume(.failure(HTTPClientError(kind, "\(request.method) \(destination.origin): \(message)")))
    }

    func finish(_ code: CURLcode) {
        if code == CURLE_OK, let easy {
            // libcurl takes a head that ends in its middle for a whole answer.
            guard answer.hasHead else { return fail(.broken, "no whole answer: the server may have done what was asked") }
            return resume(.success(answer.response(status: daifa_curl_status(easy))))
        }
        let words = String(cString: reason[0] == 0 ? curl_easy_strerror(code) : UnsafePointer(reason))
        switch code {
        case _ where !hasBegun:
            fail(.connection, "no connection: \(words); nothing was sent: check address, network and certificates")
        case _ where repeats:
            fail(.broken, "the kept connection ended without an answer; the server may have done what was asked")
        case _ where answer.isTooLarge, CURLE_FILESIZE_EXCEEDED:
            let limits = "\(request.maximumBody) bytes, or its headers than \(Answer.maximumHeaders)"
            fail(.tooLarge, "the answer is larger than \(limits); the server may have done what was asked")
        case CURLE_OPERATION_TIMEDOUT:
            fail(.timeout, "no whole answer within \(request.timeout) s; the server may have done what was asked")
        default:
            fail(.broken, "no whole answer: \(words); the server may have done what was asked")
        }
    }

    private func resume(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    /// A handle that does what is asked, within the limits; nil when libcurl refuses any of it. Called once.
    func prepare(_ limits: HTTPClient.Limits, now: ContinuousClock.Instant) -> UnsafeMutableRawPointer? {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        var accepted = true
        func set(_ option: CURLoption, _ number: Int) {
            accepted = accepted && daifa_curl_set_number(easy, option, curl_off_t(number)) == CURLE_OK
        }
        func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
            accepted = accepted && daifa_curl_set_pointer(easy, option, value) == CURLE_OK
        }
        set(CURLOPT_ERRORBUFFER, reason)
        set(CURLOPT_CURLU, UnsafeRawPointer(destination.handle))
        set(CURLOPT_PROTOCOLS_STR, destination.scheme)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        // A name server that does not answer must not hold up the others when its transfer ends.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let file = limits.certificateAuthorities { set(CURLOPT_CAINFO, file) }
        set(CURLOPT_TIMEOUT_MS, now.duration(to: deadline).milliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, Duration.seconds(limits.connectSeconds).milliseconds)
        set(CURLOPT_USERAGENT, "daifa")
        setMethod(set, set)
        set(CURLOPT_HTTPHEADER, headerList())
        let callbacks = daifa_curl_callbacks(header: receiveHeader, write: receiveBody, begin: beginRequest)
        let context = Unmanaged.passUnretained(self).toOpaque()
        return accepted && daifa_curl_set_callbacks(easy, callbacks, context) == CURLE_OK ? easy : nil
    }

    private func setMethod(_ number: (CURLoption, Int) -> Void, _ pointer: (CURLoption, UnsafeRawPointer?) -> Void) {
        if request.method == "HEAD" {
            // No body is waited for, whatever length the answer announces.
            number(CURLOPT_NOBODY, 1)
            return
        }
        // Sends a length even if it is 0, which servers want to see of these.
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            number(CURLOPT_POST, 1)
            number(CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
            request.body.withUnsafeBytes { pointer(CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(reason)) }
        }
        number(CURLOPT_MAXFILESIZE_LARGE, max(0, request.maximumBody))
        request.method.withCString { pointer(CURLOPT_CUSTOMREQUEST, $0) }
    }

    private func headerList() -> UnsafeMutablePointer<curl_slist>? {
        func append(_ line: String) { headers = curl_slist_append(headers, line) ?? headers }
        for (name, value) in request.headers {
            // libcurl takes a name without a value for a wish to leave the header out, and a semicolon for an empty value.
            append(value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(value)")
        }
        // Headers that libcurl would add by itself: a question whether a large body may be sent, and a form's type.
        let given = request.headers.map { $0.name.lowercased() }
        for name in ["expect", "content-type"] where !given.contains(name) { append("\(name):") }
        return headers
    }

    fileprivate static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    fileprivate func header(_ line: UnsafeRawBufferPointer) -> Bool { answer.header(line) }
    fileprivate func body(_ piece: UnsafeRawBufferPointer) -> Bool { answer.body(piece) }

    /// False the second time: libcurl would send the request again over a new connection.
    fileprivate func begin() -> Bool {
        repeats = hasBegun
        hasBegun = true
        return !repeats
    }
}

private let receiveHeader: daifa_curl_data = { bytes, size, count, context in
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Transfer.of(context)?.header(line) == true ? line.count : 0
}

private let receiveBody: daifa_curl_data = { bytes, size, count, context in
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Transfer.of(context)?.body(piece) == true ? piece.count : 0
}

private let beginRequest: daifa_curl_begin = { context, _, _, _, _ in
    Transfer.of(context)?.begin() == true ? Int32(CURL_PREREQFUNC_OK) : Int32(CURL_PREREQFUNC_ABORT)
}
