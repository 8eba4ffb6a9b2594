import JSON

extension ECLPWarehouse {
    /// Sellable stock, good and damaged, all pages of both; goods without any are reported as 0.
    public func stock(skus: [String]?) async throws(PartnerError) -> [StockLevel] {
        var levels = StockLevels(asked: skus)
        for status in [GoodsStatus.good, .damaged] {
            var seen = 0
            let method = "jingdong.eclp.stock.queryStock"
            let _: Never? = try await pages(method) { (page) throws(PartnerError) in
                let answer = try await gateway.call(
                    method,
                    [
                        ("deptNo", .string(link.departmentCode)), ("warehouseNo", .string(link.warehouseCode)),
                        ("stockStatus", .string(status.rawValue)), ("stockType", .string("1")),
                        ("currentPage", .string(String(page))), ("pageSize", .string(String(Self.pageSize))),
                        ("returnZeroStock", .string("2")),
                    ])
                // Stock that is not reported must not look like none.
                guard let rows = answer["querystock_result"]?.wireList else { throw open(method, "an answer without the list") }
                for row in rows {
                    guard let sku = row.text("sellerGoodsSign", "goodsNo"), let quantity = row.present("usableNum", "totalNum")?.wireInt
                    else { throw open(method, "a row without goods or without a quantity") }
                    levels.add(sku, quantity, isDamaged: status == .damaged)
                }
                seen += rows.count
                let all = rows.first?["recordCount"]?.wireInt
                return rows.isEmpty || all.map { seen >= $0 } ?? (rows.count < Self.pageSize) ? .end : .more
            }
        }
        return levels.sorted
    }

    /// JD's `stockStatus` and `goodsStatus`.
    enum GoodsStatus: String {
        case good = "1"
        case damaged = "2"
    }

    /// The departments of these numbers that are the token's; none for another's.
    public func departments(_ numbers: String...) async throws(PartnerError) -> [JDDepartment] {
        let answer = try await gateway.call("jingdong.eclp.master.queryDept", [("deptNos", .string(numbers.joined(separator: ",")))])
        return (answer["querydept_result"]?.wireList ?? []).compactMap { entry in
            entry.text("deptNo").map { JDDepartment(number: $0, name: entry.text("deptName")) }
        }
    }

    /// The warehouses of these numbers that are open to the department; none for another's.
    public func warehouses(_ department: String, _ numbers: String...) async throws(PartnerError) -> [JDWarehouse] {
        let answer = try await gateway.call(
            "jingdong.eclp.master.queryWarehouse",
            [("deptNo", .string(department)), ("warehouseNos", .string(numbers.joined(separator: ",")))])
        return (answer["querywarehouse_result"]?.wireList ?? []).compactMap { entry in
            entry.text("warehouseNo").map { JDWarehouse(number: $0, name: entry.text("warehouseName")) }
        }
    }

    public func checkCodes() async throws(PartnerError) -> JDCodes {
        let departments = try await departments(link.departmentCode)
        guard departments.contains(where: { $0.number == link.departmentCode }) else { return .departmentUnknown }
        let warehouses = try await warehouses(link.departmentCode, link.warehouseCode)
        return warehouses.contains { $0.number == link.warehouseCode } ? .known : .warehouseUnknown
    }
}

/// A department (事业部) of a seller.
public struct JDDepartment: Sendable, Equatable {
    public var number: String
    public var name: String?
}

/// A warehouse that is open to a department.
public struct JDWarehouse: Sendable, Equatable {
    public var number: String
    public var name: String?
}

/// Adds up JD's rows: one sku may have several.
struct StockLevels {
    private let asked: Set<String>?
    private var levels: [String: StockLevel] = [:]

    /// - Parameter asked: nil: all; else every one of these is reported, with 0 where JD has none.
    init(asked: [String]?) {
        self.asked = asked.map { Set($0) }
        for sku in asked ?? [] { levels[sku] = StockLevel(sku: sku, good: 0, damaged: 0) }
    }

    mutating func add(_ sku: String, _ quantity: Int, isDamaged: Bool) {
        guard asked?.contains(sku) ?? true else { return }
        let quantity = min(max(quantity, 0), 1_000_000_000)
        levels[sku, default: StockLevel(sku: sku, good: 0, damaged: 0)].good += isDamaged ? 0 : quantity
        levels[sku, default: StockLevel(sku: sku, good: 0, damaged: 0)].damaged += isDamaged ? quantity : 0
    }

    var sorted: [StockLevel] { levels.values.sorted { $0.sku < $1.sku } }
}
