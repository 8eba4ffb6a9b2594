import Contracts
import HTTP

/// The languages of what people read.
enum Language: String, CaseIterable, Sendable {
    case zh, vi, en

    /// For HTML and `Content-Language`.
    var tag: String { self == .zh ? "zh-Hans" : rawValue }

    /// The one that the browser likes best (RFC 9110, section 12.5.4); English when it likes none of ours.
    init(acceptLanguage: String?) {
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
}

extension LocalizedText {
    subscript(language: Language) -> String {
        switch language {
        case .zh: zh
        case .vi: vi
        case .en: en
        }
    }
}
