/// A part of a label, by its path in `LabelContent`: `recipient.name`, `furtherNumbers[0]`.
public struct LabelField: Sendable, Hashable, CustomStringConvertible {
    public let path: String

    init(_ path: String) { self.path = path }

    public var description: String { path }

    /// Code and name.
    public static let carrier = LabelField("carrier")
    public static let waybillNumber = LabelField("waybillNumber")
    public static let sortingText = LabelField("sortingText")
    public static let recipientName = LabelField("recipient.name")
    public static let recipientPhone = LabelField("recipient.phone")
    public static let recipientAddress = LabelField("recipient.address")
    public static let senderAlias = LabelField("sender.alias")
    public static let senderName = LabelField("sender.name")
    public static let senderPhone = LabelField("sender.phone")
    public static let senderAddress = LabelField("sender.address")
    public static let lines = LabelField("lines")
    public static let remark = LabelField("remark")
    public static let orderNumber = LabelField("orderNumber")
    public static let place = LabelField("place")

    /// The number of the second parcel has the index 0.
    public static func furtherNumber(_ index: Int) -> LabelField { LabelField("furtherNumbers[\(index)]") }
}

/// Why a label cannot be printed.
public struct LabelProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The text is empty, or nothing in it is visible.
        case missing
        /// No font of this machine has the `character`.
        case noGlyph
        /// The text is too long for its place in the smallest size that can be read.
        case doesNotFit
        /// A waybill number holds a `character` other than A to Z, 0 to 9 and the hyphen.
        case numberInvalid
        /// The bar code of a waybill number is wider than the label.
        case barCodeTooWide
    }

    /// The label's index among those given, from 0.
    public var label = 0
    public let kind: Kind
    public let field: LabelField
    /// Of `noGlyph` and `numberInvalid`.
    public let character: Unicode.Scalar?

    init(_ kind: Kind, _ field: LabelField, _ character: Unicode.Scalar? = nil) {
        self.kind = kind
        self.field = field
        self.character = character
    }

    /// What is wrong and what to do. Of the text it repeats the one character at most.
    public var description: String {
        switch kind {
        case .missing: "\(field) is empty: a label needs it."
        case .noGlyph:
            "\(field) has the character \(characterCode), which no font of the printing machine can draw. Write it in another way."
        case .doesNotFit: "\(field) is too long for its place on the label. Shorten it."
        case .numberInvalid: "\(field) has the character \(characterCode): a waybill number has A to Z, 0 to 9 and hyphens only."
        case .barCodeTooWide: "\(field) is too long: its bar code is wider than the label."
        }
    }

    /// `U+4DAE`; `U+?` where there is no character.
    public var characterCode: String {
        guard let character else { return "U+?" }
        let digits = String(character.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// Why nothing was printed.
public enum LabelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There was nothing to print.
    case noLabels
    /// A label has no such page.
    case noPage(Int)
    /// The first problem of each label that has one, in the labels' order.
    case problems([LabelProblem])
    /// The machine has not the font of the text.
    case fontMissing(LabelFonts.Missing)
    /// cairo failed, mostly for want of memory; its own words.
    case drawing(String)

    public var description: String {
        switch self {
        case .noLabels: "No label was given."
        case .noPage(let page): "The label has no page \(page)."
        case .problems(let problems):
            problems.first.map { problems.count == 1 ? $0.description : "\(problems.count) labels cannot be printed; the first: \($0)" }
                ?? ""
        case .fontMissing(let font): font.description
        case .drawing(let reason): "The labels could not be drawn: \(reason)."
        }
    }
}
