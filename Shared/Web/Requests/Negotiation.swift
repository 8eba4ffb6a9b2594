public import HTTP

extension HTTPRequest {
    /// Which of the languages a client wants most (`Accept-Language`, RFC 9110, section 12.5.4): `zh-TW` and `zh` both fit `zh`.
    /// - Parameter languages: that there are, in lower case, the first where the client wants all as much.
    /// - Returns: nil when it names none of them, or nothing.
    public func language(among languages: [String]) -> String? {
        Self.best(languages, Self.wishes(headerValues("accept-language"))) { wish, language in
            if wish == "*" { return 1 }
            if wish == language { return 3 }
            return wish.hasPrefix(language + "-") || language.hasPrefix(wish + "-") ? 2 : nil
        }
    }

    /// Which of the types a client wants most (`Accept`, RFC 9110, section 12.5.1).
    /// - Parameter types: that there are, in lower case, the first where the client wants all as much.
    /// - Returns: the first where it names nothing at all; nil when it wants none of them.
    public func type(among types: [String]) -> String? {
        let values = headerValues("accept")
        if values.allSatisfy({ HeaderText.trimmed($0[...]).isEmpty }) { return types.first }
        return Self.best(types, Self.wishes(values)) { wish, type in
            if wish == "*/*" { return 1 }
            if wish == type { return 3 }
            return wish.hasSuffix("/*") && type.hasPrefix(wish.dropLast()) ? 2 : nil
        }
    }

    private static func wishes(_ values: [String]) -> [(name: String, quality: Int)] {
        values.flatMap { HeaderText.split($0[...], by: UInt8(ascii: ",")) }.prefix(64).map { item in
            let parts = HeaderText.split(item, by: UInt8(ascii: ";"))
            let quality = parts.dropFirst().lazy.compactMap { HeaderText.parameter($0) }.first { $0.name == "q" }?.value
            return (parts.first?.lowercased() ?? "", quality.map { HeaderText.quality($0) ?? 0 } ?? 1000)
        }
    }

    /// - Parameter fit: how exactly a wish names one; nil: not at all. The most exact wish says how much it is wanted.
    private static func best(
        _ all: [String], _ wishes: [(name: String, quality: Int)], fit: (_ wish: String, _ one: String) -> Int?
    ) -> String? {
        var best: (name: String, quality: Int)?
        for one in all {
            var exact: (fit: Int, quality: Int)?
            for wish in wishes {
                guard let fit = fit(wish.name, one), fit > exact?.fit ?? 0 || fit == exact?.fit && wish.quality > exact?.quality ?? 0 else {
                    continue
                }
                exact = (fit, wish.quality)
            }
            guard let quality = exact?.quality, quality > best?.quality ?? 0 else { continue }
            best = (one, quality)
        }
        return best?.name
    }

    /// Seconds that the client waits for an answer (`Prefer: wait=10`, RFC 7240, section 4.3), not negative; nil when it does not say, or
    /// says what is no number. The first counts; numbers beyond are the largest.
    public var preferredWait: Int? {
        for value in headerValues("prefer") {
            for preference in HeaderText.split(value[...], by: UInt8(ascii: ",")) {
                let first = HeaderText.split(preference, by: UInt8(ascii: ";")).first
                guard let (name, text) = first.flatMap({ HeaderText.parameter($0) }), name == "wait" else { continue }
                guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
                return Int(text) ?? .max
            }
        }
        return nil
    }

    /// What `If-Match` names (RFC 9110, section 13.1.1).
    public enum Match: Sendable, Equatable {
        /// `*`: whatever there is.
        case any
        /// Without quotes; weak ones never match and are left out.
        case tags([String])
        /// It cannot be read.
        case malformed
    }

    /// nil when there is none.
    public var ifMatch: Match? {
        let values = headerValues("if-match")
        guard !values.isEmpty else { return nil }
        let items = values.flatMap { HeaderText.split($0[...], by: UInt8(ascii: ",")) }
        if items == ["*"] { return .any }
        var tags: [String] = []
        for item in items where !item.hasPrefix("W/") {
            guard item.utf8.count >= 2, item.hasPrefix("\""), item.hasSuffix("\""), !item.dropFirst().dropLast().contains("\"") else {
                return .malformed
            }
            tags.append(String(item.dropFirst().dropLast()))
        }
        return items.isEmpty ? .malformed : .tags(tags)
    }

    /// A bearer token (RFC 6750, section 2.1); nil where there is no `Authorization` or one of another scheme.
    public var bearerToken: String? {
        guard let value = header("authorization") else { return nil }
        let parts = HeaderText.trimmed(value[...]).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(HeaderText.trimmed(parts[1]))
    }
}
