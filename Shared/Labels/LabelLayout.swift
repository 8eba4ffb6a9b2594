/// Where everything stands on a label of 100 × 180 mm. Pure: it knows no font and draws nothing.
enum LabelLayout {
    /// Millimetres.
    static let width = 100.0
    static let height = 180.0
    /// What printers leave white, and a little more.
    static let margin = 3.0

    /// Text stands right of the word that says what it is.
    private static let wordWidth = 8.0
    private static let textLeft = margin + wordWidth + 1
    private static let textWidth = width - margin - textLeft
    private static let fullWidth = width - 2 * margin

    /// The page of each parcel.
    /// - Throws: `LabelProblem` `missing` or `numberInvalid`.
    static func pages(of label: LabelContent) throws(LabelProblem) -> [LabelPage] {
        var pages: [LabelPage] = []
        for number in 1...label.pageCount { pages.append(try page(number, of: label)) }
        return pages
    }

    /// The page of one parcel, from 1.
    static func page(_ number: Int, of label: LabelContent) throws(LabelProblem) -> LabelPage {
        let main = try barCodeText(label.waybillNumber, .waybillNumber)
        let own = number == 1 ? main : try barCodeText(label.furtherNumbers[number - 2], .furtherNumber(number - 2))
        var page = LabelPage()
        header(&page, label)
        if let text = label.sortingText { sorting(&page, text) }
        barCode(&page, own, number == 1 ? .waybillNumber : .furtherNumber(number - 2))
        if label.pageCount > 1 {
            page.add(.waybillNumber, LabelWords.mainNumber + " " + main, x: margin, width: 60, height: 5.5, size: 7...10)
            page.add(
                .waybillNumber, LabelWords.parcel(number, of: label.pageCount), x: 64, width: width - margin - 64, height: 5.5,
                size: 7...10,
                bold: true, alignment: .right)
            page.y += 5.5
        }
        page.rule()
        // Four lines part what is below. The recipient gets all that is left.
        let below = senderHeight + goodsHeight + remarkHeight + footerHeight + margin + 4 * LabelPage.ruleSpace
        try recipient(&page, label.recipient, height: height - below - page.y)
        sender(&page, label.sender)
        goods(&page, label)
        footer(&page, label)
        return page
    }

    private static let senderHeight = 31.0
    private static let goodsHeight = 30.0
    private static let remarkHeight = 12.0
    private static let footerHeight = 6.5

    private static func header(_ page: inout LabelPage, _ label: LabelContent) {
        let code = LabelText.cleaned(label.carrier)
        let name = LabelText.cleaned(label.carrierName)
        page.add(.carrier, name.isEmpty ? code : name, x: margin, width: 66, height: 10, size: 10...19, bold: true)
        if !name.isEmpty {
            page.add(.carrier, code, x: 70, width: width - margin - 70, height: 10, size: 8...19, bold: true, alignment: .right)
        }
        page.y += 10
        page.rule()
    }

    private static func sorting(_ page: inout LabelPage, _ text: String) {
        let text = LabelText.cleaned(text)
        guard !text.isEmpty else { return }
        page.add(.sortingText, text, x: margin, width: fullWidth, height: 13, size: 12...25, bold: true)
        page.y += 13
        page.rule()
    }

    private static func barCode(_ page: inout LabelPage, _ number: String, _ field: LabelField) {
        page.barCode = BarCodeBlock(field: field, number: number, top: page.y + 1, height: 15)
        page.y += 16.5
        page.add(field, number, x: margin, width: fullWidth, height: 7, size: 8...13.5, bold: true, alignment: .middle)
        page.y += 7
    }

    private static func recipient(_ page: inout LabelPage, _ recipient: LabelContent.Recipient, height: Double) throws(LabelProblem) {
        let name = try filled(LabelText.cleaned(recipient.name), .recipientName)
        let phone = try filled(LabelText.cleaned(recipient.phone), .recipientPhone)
        _ = try filled(LabelText.cleaned(recipient.address.detail), .recipientAddress)
        page.word(LabelWords.recipient, .recipientName, size: 20)
        let end = page.y + height
        page.add(.recipientName, name, x: textLeft, width: textWidth, height: 9.5, size: 7...15, bold: true, wraps: true)
        page.y += 9.5
        page.add(.recipientPhone, phone, x: textLeft, width: textWidth, height: 8, size: 8...15, bold: true)
        page.y += 8
        page.add(
            .recipientAddress, text(recipient.address), x: textLeft, width: textWidth, height: end - page.y - 0.5, size: 7...14, bold: true,
            wraps: true)
        page.y = end
        page.rule()
    }

    private static func sender(_ page: inout LabelPage, _ sender: LabelContent.Sender) {
        let end = page.y + senderHeight
        page.word(LabelWords.sender, .senderName, size: 14)
        page.add(.senderAlias, LabelText.cleaned(sender.alias), x: textLeft, width: textWidth, height: 5.5, size: 5.5...10, wraps: true)
        page.y += 5.5
        page.add(.senderName, LabelText.cleaned(sender.name), x: textLeft, width: textWidth, height: 5.5, size: 5.5...10, wraps: true)
        page.y += 5.5
        page.add(.senderPhone, LabelText.cleaned(sender.phone), x: textLeft, width: textWidth, height: 5, size: 5.5...9.5)
        page.y += 5
        page.add(
            .senderAddress, sender.address.map(text) ?? "", x: textLeft, width: textWidth, height: end - page.y - 0.5, size: 5.5...9,
            wraps: true)
        page.y = end
        page.rule()
    }

    private static func goods(_ page: inout LabelPage, _ label: LabelContent) {
        let lines = label.lines.map { line in LabelText.joined([line.name, line.spec, "×\(line.quantity)"]) }
        page.word(LabelWords.goods, .lines, size: 14)
        page.add(
            .lines, lines.joined(separator: "\n"), x: textLeft, width: textWidth, height: goodsHeight - 1, size: 7...11, wraps: true,
            mayBeCut: true)
        page.y += goodsHeight
        page.rule()
        page.word(LabelWords.remark, .remark, size: 9)
        page.add(
            .remark, LabelText.cleaned(label.remark), x: textLeft, width: textWidth, height: remarkHeight - 1, size: 7...10, wraps: true,
            mayBeCut: true)
        page.y += remarkHeight
        page.rule()
    }

    private static func footer(_ page: inout LabelPage, _ label: LabelContent) {
        let number = LabelText.cleaned(label.orderNumber)
        if !number.isEmpty {
            page.add(.orderNumber, LabelWords.order + " " + number, x: margin, width: 66, height: 5.5, size: 6...10)
        }
        if let place = label.place {
            page.add(
                .place, "\(place.number)/\(place.total)", x: 70, width: width - margin - 70, height: 5.5, size: 7...10, bold: true,
                alignment: .right)
        }
    }

    private static func text(_ address: LabelContent.Address) -> String {
        LabelText.joined([address.province, address.city, address.district, address.town, address.detail])
    }

    private static func filled(_ text: String, _ field: LabelField) throws(LabelProblem) -> String {
        guard !text.isEmpty else { throw LabelProblem(.missing, field) }
        return text
    }

    private static func barCodeText(_ number: String, _ field: LabelField) throws(LabelProblem) -> String {
        for scalar in number.unicodeScalars {
            switch scalar {
            case "A"..."Z", "0"..."9", "-": continue
            default: throw LabelProblem(.numberInvalid, field, scalar)
            }
        }
        return try filled(number, field)
    }
}
