extension OpenAPIOperation {
    // MARK: Imports, labels

    static let works: [String: OpenAPIOperation] = [
        "import-orders": OpenAPIOperation(
            summary: "Import an order export of Pinduoduo: CSV in UTF-8 or GB18030, or XLSX, told by its content", tag: "imports",
            parameters: id + ["importingMerchant", "idempotencyKey"], body: "{}",
            bodyTypes: ["application/octet-stream", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
            answers: [
                OpenAPIAnswer(
                    status: 202, description: "It can be read; its orders are being sent.",
                    schema: #"{"type":"object","properties":{"importId":{"type":"string"}},"required":["importId"]}"#,
                    headers: ["Location"], links: ["import"])
            ], problems: [404, 409]),
        "list-imports": OpenAPIOperation(
            summary: "List the shop's imports", tag: "imports", parameters: id + page, answers: [.page(of: "Import", asSheet: true)]),
        "show-import": OpenAPIOperation(
            summary: "Show an import, with its first hundred bad rows", tag: "imports", parameters: id,
            answers: [.one("Import", "The import as it stands.")]),
        "show-bad-rows": OpenAPIOperation(
            summary: "All bad rows of an import, never with what stood in them", tag: "imports", parameters: id,
            answers: [
                OpenAPIAnswer(
                    description: "RFC 4180 in UTF-8 with its mark; a cell that a spreadsheet would calculate has a ' before it.",
                    type: "text/csv")
            ]),
        "print-labels": OpenAPIOperation(
            summary: "Labels of parcels in the order asked, as one file", tag: "labels", parameters: id + ["idempotencyKey"],
            body: OpenAPIAnswer.reference("NewLabels"),
            answers: [
                OpenAPIAnswer(
                    description: "The labels, in the format asked for.", type: "application/pdf", otherTypes: ["image/svg+xml"],
                    headers: ["X-Daifa-Left-Out"])
            ], problems: [404, 409]),
        "print-with-component": OpenAPIOperation(
            summary: "E-waybills of a platform, for the print component on the caller's PC", tag: "labels",
            parameters: id + ["idempotencyKey"], body: OpenAPIAnswer.reference("NewPrintJob"),
            answers: [
                OpenAPIAnswer(
                    description: "What the component is given, in the order asked.", schema: OpenAPIAnswer.reference("PrintItems"),
                    headers: ["X-Daifa-Left-Out"])
            ], problems: [404, 409]),
    ]

    // MARK: Operators

    static let operators: [String: OpenAPIOperation] = [
        "list-services": OpenAPIOperation(
            summary: "How each replica of each service is", tag: "operators", parameters: id,
            answers: [.one("Services", "Each replica that has told of itself within 30 s; a service without any once, not ready.")]),
        "list-dead-letters": OpenAPIOperation(
            summary: "List messages that services could not read or handle", tag: "operators", parameters: id + page + ["letterService"],
            answers: [.page(of: "DeadLetter")]),
        "show-dead-letter": OpenAPIOperation(
            summary: "Show a dead letter, with its body as an operator may see it where bytes is true", tag: "operators",
            parameters: id + ["bytes"], answers: [.one("DeadLetterWithBytes", "The letter.")]),
        "replay-dead-letters": OpenAPIOperation(
            summary: "Send dead letters to where they came from again", tag: "operators", parameters: id + ["idempotencyKey"],
            body: OpenAPIAnswer.reference("Replay"), answers: [.one("Replayed", "What was sent, and which letters were not.")],
            problems: [409]),
        "trace": OpenAPIOperation(
            summary: "Show the messages of an order or a command, without contents; the reading is told", tag: "operators",
            parameters: id, answers: [.one("Trace", "The messages, oldest first.")]),
    ]
}
