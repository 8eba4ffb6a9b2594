extension Catalog {
    static let authorization: [CatalogEntry] = [
        .command(
            ReportToken.self, to: .authorization, key: .account, by: ["service:waybill", "service:shipping"], refusals: [.notFound],
            "A partner did not accept a token; authorization refreshes it ahead of time.")
    ]
}
