/// What a workbook may cost to read. A ZIP of a few kilobytes can unpack to gigabytes, and one shared text can stand in each cell.
public struct WorkbookLimits: Sendable {
    /// Files within the ZIP. Workbooks have about ten, with pictures hundreds.
    public var entries = 4096
    /// Bytes of a sheet, unpacked. An export of 100,000 orders has about 200 MiB.
    public var sheetBytes = 1 << 30
    /// Bytes of the shared texts, unpacked.
    public var sharedTextBytes = 256 << 20
    /// Bytes of any other part, unpacked: relationships, the list of sheets, styles.
    public var partBytes = 16 << 20
    /// Bytes of all cells' texts that a sheet gives, each time a shared one stands in a cell counted.
    public var textBytes = 256 << 20
    /// Bytes of one cell's text. Spreadsheets hold 32,767 characters.
    public var cellBytes = 131_068
    /// Rows and columns of a sheet: as many as spreadsheets have.
    public var rows = 1_048_576
    public var columns = 16_384
    /// Elements within one another. A sheet has seven.
    public var depth = 64

    public init() {}
}
