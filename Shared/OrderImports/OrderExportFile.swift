public import Partners
import TableFiles
import Workbooks

/// An order export as it was downloaded, recognised by its content: a workbook, or comma-separated text.
public enum OrderExportFile {
    /// - Throws: why nothing of it can be read; what is wrong with single records is in the result.
    public static func read(_ bytes: [UInt8]) throws(OrderExport.Failure) -> OrderExport.Result {
        guard Workbook.begins(bytes) else { return try OrderExport.read(bytes) }
        let book: Workbook
        do throws(TableError) { book = try Workbook(bytes) } catch { throw OrderExport.Failure(error) }
        return try OrderExport.read(book)
    }
}
