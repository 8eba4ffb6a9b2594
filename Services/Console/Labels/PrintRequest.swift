import Contracts
import HTTP
import Identity
import JSON

/// Labels that somebody asks for.
struct PrintRequest: Sendable {
    /// What becomes of them.
    enum Product: Sendable {
        /// One file with a page for each parcel.
        case pdf
        /// One label, by its first page.
        case svg
        /// E-waybills of a platform, for its print component.
        case component
    }

    static let most = 500

    /// In the order of the labels.
    let allocationIds: [String]
    let product: Product
    /// What cannot be printed is left out; otherwise it is enough for nothing to be printed.
    let isPartial: Bool

    /// - Throws: 400 for a list that is empty, too long, or names one twice.
    init(_ allocationIds: [String], as product: Product, isPartial: Bool = false) throws(Problem) {
        guard (1...Self.most).contains(allocationIds.count), Set(allocationIds.map { Array($0.utf8) }).count == allocationIds.count,
            !allocationIds.contains("")
        else { throw Problem.invalid("allocationIds", "give 1 to \(Self.most) ids of allocations, each once") }
        if product == .svg, allocationIds.count > 1 {
            throw Problem.invalid("allocationIds", "an SVG is one label: give one id, or ask for pdf")
        }
        (self.allocationIds, self.product, self.isPartial) = (allocationIds, product, isPartial)
    }

    /// Of `POST /labels`.
    static func labels(_ body: [UInt8]) throws(Problem) -> PrintRequest {
        let fields = try BodyFields(body, ["allocationIds", "format"])
        let product: Product
        switch try fields.optionalText("format") {
        case "pdf": product = .pdf
        case "svg": product = .svg
        default: throw Problem.invalid("format", "it is pdf or svg")
        }
        return try PrintRequest(fields, as: product)
    }

    /// Of `POST /print-jobs`.
    static func component(_ body: [UInt8]) throws(Problem) -> PrintRequest {
        try PrintRequest(BodyFields(body, ["allocationIds"]), as: .component)
    }

    private init(_ fields: BodyFields, as product: Product) throws(Problem) {
        try self.init(fields.texts("allocationIds") ?? [], as: product, isPartial: fields.flag("partial"))
    }
}
