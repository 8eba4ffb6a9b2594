/// The languages of what people read.
public enum Language: String, CaseIterable, Sendable {
    case zh, vi, en

    /// For `<html lang>` and `Content-Language`: plain `zh` would let a browser choose Japanese glyphs.
    public var tag: String { self == .zh ? "zh-Hans" : rawValue }

    /// Its name in itself.
    public var ownName: String {
        switch self {
        case .zh: "简体中文"
        case .vi: "Tiếng Việt"
        case .en: "English"
        }
    }

    /// The time zone of a user who has chosen none (contract, section 10).
    public var firstZone: String { self == .vi ? "Asia/Ho_Chi_Minh" : "Asia/Shanghai" }

    /// The one that the browser likes best (RFC 9110, section 12.5.4); English when it likes none of ours.
    public init(acceptLanguage: String?) {
        var best: (language: Language, quality: Double)?
        for range in (acceptLanguage ?? "").split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.drop { $0 == " " || $0 == "\t" } }
            guard let tag = parts.first, let language = Self.allCases.first(where: { $0.covers(tag) }) else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") || $0.hasPrefix("Q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > best?.quality ?? 0 { best = (language, quality) }
        }
        self = best?.language ?? .en
    }

    /// `zh-CN` is Chinese.
    private func covers(_ tag: Substring) -> Bool { tag.lowercased().prefix { $0 != "-" && $0 != " " } == rawValue }

    /// The end of a plural's key (CLDR, whole numbers): Chinese and Vietnamese have one form.
    func pluralCategory(_ count: Int) -> String { self == .en && count == 1 ? "one" : "other" }
}
