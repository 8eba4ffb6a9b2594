import Contracts

/// The address that a partner sent a browser to, read strictly. It is never fetched.
struct RedirectURL {
    /// Scheme, host, port and path: what stands before the query.
    let page: String
    let state: String
    /// nil when the partner gave an error instead.
    let code: String?
    /// The partner's word for why not.
    let error: String?
    let messageSubscription: Bool?

    /// - Throws: `invalid`, field `redirectUrl`.
    init(_ text: String) throws(Refusal) {
        func malformed(_ what: String) -> Refusal {
            Refusal(
                .invalid, "redirectUrl \(what); copy the whole address from the browser after the partner's login", field: "redirectUrl")
        }
        // The part behind '#' is the browser's own.
        let whole = PartnerAccount.normalized(text).split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
        guard whole.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw malformed("holds spaces or control characters") }
        let halves = whole.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, let page = WebAddress.normalized(String(halves[0])) else {
            throw malformed("is no address of a web page with a query")
        }
        self.page = page
        var fields: [String: String] = [:]
        for part in halves[1].split(separator: "&") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.unescape(sides[0]), let value = PercentEncoding.unescape(sides.count == 2 ? sides[1] : "")
            else { throw malformed("is not percent-encoded as addresses are") }
            guard fields.updateValue(value, forKey: name) == nil else { throw malformed("has the parameter \(name.prefix(40)) twice") }
        }
        guard let state = fields["state"], !state.isEmpty else { throw malformed("has no state") }
        self.state = state
        error = fields["error"].flatMap { $0.isEmpty ? nil : $0 }
        code = fields["code"].flatMap { $0.isEmpty ? nil : $0 }
        guard error != nil || code != nil else { throw malformed("has neither a code nor an error") }
        messageSubscription = fields["message_subscription"].flatMap { ["true": true, "1": true, "false": false, "0": false][$0] }
    }
}

/// Addresses of web pages, in the one form in which they are compared.
enum WebAddress {
    /// Scheme and host in lower case, without the scheme's own port and with a path; nil for anything but `http` and `https` with a host,
    /// and for an address with a user, a query or a fragment.
    static func normalized(_ text: String) -> String? {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard let ownPort = ["http": ":80", "https": ":443"][scheme] else { return nil }
        let rest = text[mark.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var host = rest[..<slash].lowercased()
        if host.hasSuffix(ownPort) { host.removeLast(ownPort.count) }
        guard !host.isEmpty, !host.hasPrefix(":"), host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Array("@?#\\%".utf8).contains($0) })
        else { return nil }
        let path = rest[slash...]
        guard path.utf8.allSatisfy({ $0 > 0x20 && !Array("?#\\".utf8).contains($0) }) else { return nil }
        return "\(scheme)://\(host)\(path.isEmpty ? "/" : String(path))"
    }
}
