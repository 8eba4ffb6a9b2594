import Contracts
import JSON

/// Fits a partner's texts into the contract's fields: a text is cut to their length, and a value that would become another one by cutting
/// is left out.
enum PartnerTexts {
    /// Bytes of a partner's code, and of a reason in its words.
    static let longestCode = 64
    static let longestReason = 1000
    /// Numbers of the parts of a split order at most.
    static let mostNumbers = 100

    /// A text for a person, cut behind a whole character.
    static func cut(_ text: String, to maximum: Int) -> String {
        guard text.utf8.count > maximum else { return text }
        var kept = 0
        for scalar in text.unicodeScalars {
            let size = UTF8.width(scalar)
            if kept + size > maximum { break }
            kept += size
        }
        return String(decoding: text.utf8.prefix(kept), as: UTF8.self)
    }

    /// A text that stands for something; nil when it is none that the rule allows.
    static func kept(_ text: String?, _ rule: TextRule) -> String? { text.flatMap { rule.allows($0) ? $0 : nil } }
}

extension CountedLine {
    /// Lines of one report at most.
    static let most = 500
}

extension [PartnerLine] {
    /// A partner's lines by the merchant's codes; lines that name no goods are left out.
    /// - Parameter sent: the merchant's codes of the lines that were sent.
    func counted(in sent: [String]) -> [CountedLine] {
        Array<CountedLine>(lazy.compactMap { $0.counted(in: sent) }.prefix(CountedLine.most))
    }
}
