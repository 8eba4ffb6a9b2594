import Synchronization

/// All texts in all languages, read once at start.
public final class Texts: Sendable {
    private let texts: [Language: [String: TextParts]]
    private let missed = Atomic(0)

    private init(_ texts: [Language: [String: TextParts]]) { self.texts = texts }

    /// Reads `zh.json`, `vi.json` and `en.json`.
    ///
    /// - Throws: what is wrong with the first bad file: not there, no JSON, a key that stands twice, a text that is empty or has a bad slot,
    ///   a key that another language has and this one has not.
    public static func load(_ folder: String) throws(TextsError) -> Texts {
        var texts: [Language: [String: TextParts]] = [:]
        for language in Language.allCases { texts[language] = try TextFile.read(path(folder, language)) }
        let keys = Set(texts.values.flatMap(\.keys)).filter { !$0.hasSuffix("_one") }.sorted()
        for language in Language.allCases {
            if let key = keys.first(where: { texts[language]?[$0] == nil }) {
                throw TextsError(file: path(folder, language), key: key, reason: "another language has it, and this one has not")
            }
        }
        return Texts(texts)
    }

    private static func path(_ folder: String, _ language: Language) -> String { "\(folder)/\(language.rawValue).json" }

    /// The texts of one language.
    public subscript(language: Language) -> Wording { Wording(language: language, texts: self) }

    /// How often a key was asked for that no file has, since the start: for a metric.
    public var missing: Int { missed.load(ordering: .relaxed) }

    /// Every key of this language, in no order.
    public func keys(_ language: Language) -> Set<String> { Set(texts[language, default: [:]].keys) }

    func parts(_ key: String, _ language: Language) -> TextParts {
        if let parts = texts[language]?[key] { return parts }
        missed.add(1, ordering: .relaxed)
        return TextParts([.text(key)])
    }

    func has(_ key: String, _ language: Language) -> Bool { texts[language]?[key] != nil }
}

/// The texts of one language. A key that is not there is shown as it is, and counted.
public struct Wording: Sendable {
    public let language: Language
    private let texts: Texts

    init(language: Language, texts: Texts) {
        self.language = language
        self.texts = texts
    }

    /// The sentence with its slots filled. The values are plain text: escape the result.
    public func callAsFunction(_ key: String, _ values: [String: String] = [:]) -> String { parts(key).filled(values) }

    /// The sentence for a number of things; the slot `count` is filled with the number as the language groups it.
    public func callAsFunction(_ key: String, count: Int, _ values: [String: String] = [:]) -> String {
        parts(key, count: count).filled(values.merging(["count": language.grouped(count)]) { given, _ in given })
    }

    /// The text in pieces, for slots that take HTML.
    public func parts(_ key: String) -> TextParts { texts.parts(key, language) }

    /// The same, of the plural form that the number needs (`<key>_one`, `<key>_other`). The slot `count` is the caller's to fill.
    public func parts(_ key: String, count: Int) -> TextParts {
        texts.parts("\(key)_\(language.pluralCategory(count))", language)
    }

    /// Whether there is such a key: for codes that come from a partner or a newer service.
    public func has(_ key: String) -> Bool { texts.has(key, language) }
}
