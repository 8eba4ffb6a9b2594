import CommandLine
import Contracts
import JSON
import Kafka
import OrderImports
import Partners
import Runtime

/// `daifa import`: a marketplace's order export becomes facts.
struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import a Pinduoduo order export (CSV or XLSX).",
        discussion: """
            CSV may be UTF-8 or GB18030; what a file is, its content tells, not its name. Of a workbook the sheet that has
            the columns of an order export is read. Lines above the header are passed over.
            Orders in state 待发货 are placed, with a hold where the export shows an after-sale or risk control; what it says
            of cancelled and refunded orders is passed on for orders that Daifa has already. Other states are counted.
            The default export has no recipients: then only what changed of orders that Daifa has goes in, and rows to be
            shipped of others are reported. Export with recipients, or connect a channel that downloads orders.
            A specification without a code of its own goes in without sku (a notice says so), unless --skus names its code.
            Recipients are sealed for the waybill service before they leave this process.
            Ids derive from merchant, order and fact: importing the same file again changes nothing. Import files in the
            order in which they were exported.
            Rows that cannot be understood are reported by the line (of a workbook, the row) they begin in, column and reason
            on standard error (with --json as lines of kind bad-row); the good rows go in all the same. Exit code 65 then says that there were bad rows.
            """,
        examples: [
            .init("daifa import --merchant shop-17 orders.csv"),
            .init("daifa import --merchant shop-17 orders.xlsx", "a workbook"),
            .init("daifa import --merchant shop-17 --dry-run orders.csv", "look before anything is sent"),
            .init("daifa import --merchant shop-17 --json - <orders.csv | jq 'select(.kind == \"bad-row\")'", "bad rows, for a script"),
        ])

    @Option(help: "The merchant's shop id in Daifa.") var merchant: String
    @Flag(help: "Read and check the file, send nothing; needs no Kafka.") var dryRun = false
    @Flag(help: "One JSON object a line: each bad row, then a summary.") var json = false
    @Option(help: "Seconds to wait for the waybill service's key.") var wait = 30
    @Option(help: "A file with the merchant's JWT, for services with DAIFA_AUTH=required.", completion: .file) var tokenFile: String?
    @Option(
        help:
            "File with the secret that makes merge keys opaque; made when it is missing. Orders imported with different secrets are not merged.",
        completion: .file)
    var mergeSecret = "./data/cli/merge.secret"
    @Option(
        help: "Table (CSV or XLSX) of codes that the export lacks, with the columns 商家编码 and 样式ID or 赠品ID.", completion: .file)
    var skus: String?
    @Argument(help: "The export as it was downloaded; - reads standard input.", completion: .file) var file: String

    func validate() throws {
        guard (1...128).contains(merchant.utf8.count), merchant.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "~") })
        else {
            throw UsageError("--merchant: expected a shop id of 1 to 128 bytes without spaces and '~'")
        }
        guard wait >= 0 else { throw UsageError("--wait: expected 0 or more seconds") }
    }

    func run() throws {
        let export: OrderExport.Result
        do { export = try OrderExportFile.read(try InputFile.bytes(of: file)) } catch let error as OrderExport.Failure {
            throw CommandFailure(.badData, "\(file): \(error)")
        }
        let codes = try skus.map(ImportFile.codes) ?? OrderExport.Codes()
        let report: ImportReport
        if dryRun {
            report = try ImportRun.rehearse(export, merchantShopId: merchant, codes: codes)
        } else {
            let kafka = try KafkaConfiguration.fromEnvironment(ThisProcess.environment).configuration
            let secret = try MergeSecret.loadOrCreate(path: mergeSecret)
            report = try ImportRun(
                merchantShopId: merchant, kafka: kafka, proof: try .token(in: tokenFile), keyWait: Double(wait), mergeSecret: secret,
                codes: codes
            ).run(export)
        }
        if json {
            for line in report.lines(file: file, isRehearsal: dryRun) { Terminal.writeLine(String(decoding: line.json, as: UTF8.self)) }
        } else {
            for problem in report.problems { Terminal.writeError(problem.text(file: file)) }
            for notice in report.notices { Terminal.writeError(notice.text(file: file)) }
            Terminal.write(report.text(file: file, isRehearsal: dryRun))
        }
        if !report.problems.isEmpty { throw ExitCode.badData }
    }
}
