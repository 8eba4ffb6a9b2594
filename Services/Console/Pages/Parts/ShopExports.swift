import Contracts
import HTTP
import ReadModel
import Web

extension ShopPages {
    /// The route that gives the whole list of a page for a spreadsheet; the page leads there by `frame.export(page)`.
    /// - Parameter page: its name in the address: `rules`.
    func addExport<Row>(to group: inout ConsoleGroup, of page: String, _ sheet: ListSheet<Row>, _ rows: @escaping ShopList<Row>) {
        group.get("/\(page)/export", name: "\(page)-export") { (call) throws(Problem) in
            let shop = try call.shop(.merchant, .factory)
            return try read { (model) throws(ReadModelError) in
                try ListSheets(model: model, clock: kit.clock).rows(sheet, of: shop) { (model, page) throws(ReadModelError) in
                    try rows(model, shop, page)
                }
            }
        }
    }
}
