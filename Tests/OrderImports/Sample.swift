import Contracts
import Crypto
import Foundation
import Partners

@testable import OrderImports

/// Exports for tests, and what a merchant seals with.
enum Sample {
    static let columns = ["商品", "订单号", "订单状态", "商品总价(元)", "商品数量(件)", "收货人", "手机", "省", "市", "区", "街道", "商家编码-SKU维度", "售后状态", "是否异常"]

    /// One record; its values may be changed.
    static func record(
        _ number: String, status: String = "待发货", quantity: String = "3", name: String = "张三", phone: String = "13800000000",
        afterSale: String = "无售后或售后取消"
    ) -> [String] {
        ["抽纸", number, status, "59.70", quantity, name, phone, "浙江省", "杭州市", "余杭区", "仓前街道1号", "CZ-20", afterSale, "否"]
    }

    static func number(_ index: Int) -> String { "251111-01234567890\(1000 + index)" }

    static func bytes(_ records: [[String]]) -> [UInt8] {
        Array(([columns] + records).map { $0.joined(separator: ",") + "\n" }.joined().utf8)
    }

    static func export(_ records: [[String]]) throws -> OrderExport.Result { try OrderExportFile.read(bytes(records)) }
    static func export(phone: String) throws -> OrderExport.Result { try export([record(number(0), phone: phone)]) }

    static func sealer() throws -> RecipientSealer {
        RecipientSealer(
            merchantShopId: "shop-1", key: RecipientKey(keyId: "k", publicKey: try HPKE.generateKeyPair().publicKey),
            secret: MergeSecret(bytes: [UInt8](repeating: 7, count: 32)))
    }

    /// One of the files of the cases.
    static func file(_ path: String) throws -> [UInt8] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Array(Data(contentsOf: tests.appendingPathComponent(path)))
    }
}
