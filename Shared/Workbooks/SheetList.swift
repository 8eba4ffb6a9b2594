/// The part `workbook.xml`: which sheets there are, and from when days are counted.
struct SheetList {
    struct Sheet {
        let name: String
        let isHidden: Bool
        /// The relationship to the sheet's part.
        let relationship: String
    }

    let sheets: [Sheet]
    /// Days are counted from 1904, as old spreadsheets on Macs do, not from 1900.
    let countsFrom1904: Bool

    init(_ part: Archive.Part, _ limits: WorkbookLimits) throws(WorkbookError) {
        let visitor = Visitor()
        try XMLReading(part, visitor, limits).finish()
        guard visitor.isWorkbook else { throw WorkbookError(.otherFormat, "a document of another program") }
        sheets = visitor.sheets
        countsFrom1904 = visitor.countsFrom1904
    }

    private final class Visitor: XMLVisitor {
        private(set) var isWorkbook = false
        private(set) var sheets: [Sheet] = []
        private(set) var countsFrom1904 = false

        func begin(_ name: XMLName, _ attributes: XMLAttributes) {
            guard Namespaces.isSheet(name) else { return }
            if name.isLocal("workbook") {
                isWorkbook = true
            } else if name.isLocal("workbookPr") {
                countsFrom1904 = ["1", "true"].contains(attributes.text("date1904"))
            } else if name.isLocal("sheet"), let relationship = attributes.text("id", in: Namespaces.relationships) {
                let state = attributes.text("state") ?? "visible"
                sheets.append(Sheet(name: attributes.text("name") ?? "", isHidden: state != "visible", relationship: relationship))
            }
        }

        func end(_ name: XMLName) {}
        func text(_ utf8: UnsafeBufferPointer<UInt8>) {}
    }
}
