import HTTP
import JSON
import Stores

/// `/`: what the sandbox holds, in plain HTML.
enum HoldingsPage {
    /// Rows of a table at most; the newest are shown.
    private static let rowsShown = 100

    static func answer(_ world: World) throws(StoreError) -> HTTPResponse {
        let objects = world.objects
        let settings = try world.settings()
        var body = "<p>Settings: <code>\(FormText.html(String(decoding: settings.json, as: UTF8.self)))</code></p>"
        body += table("Applications", ["partner", "key", "secret"], try objects.all(App.self)) {
            [$0.partner.rawValue, $0.key, FormText.masked($0.secret)]
        }
        body += table("JD accounts", ["PIN", "departments and warehouses"], try objects.all(JDAccount.self)) {
            [
                $0.pin,
                $0.departments.map { "\($0.departmentNo): " + $0.warehouses.map(\.warehouseNo).joined(separator: " ") }.joined(
                    separator: "; "),
            ]
        }
        body += table("Tokens", ["audience", "application", "owner", "token", "messages", "until"], try objects.all(Grant.self)) {
            [
                $0.audience.rawValue, $0.appKey, $0.owner, FormText.masked($0.accessToken), $0.subscription ? "subscribed" : "",
                BeijingTime.text($0.expiresAt),
            ]
        }
        body += try orders(objects)
        body += try marketplaces(objects)
        body += table("Stock", ["partner", "warehouse", "sku", "good", "damaged"], try objects.all(StockLevel.self)) {
            [$0.partner.rawValue, $0.warehouseNo, $0.sku, "\($0.good)", "\($0.damaged)"]
        }
        body += table("Faults", ["operation", "kind", "left", "probability"], try objects.all(Fault.self)) {
            [$0.operation, $0.kind.rawValue, $0.count.map { "\($0)" } ?? "always", $0.probability.map { "\($0)" } ?? "1"]
        }
        body += table("Pushes", ["order", "attempts", "taken"], try objects.all(StatusPush.self)) {
            [$0.orderNo, "\($0.attempts)", $0.isDelivered ? "yes" : "no"]
        }
        body += table("Creates", ["at", "operation", "key", "number"], try objects.creates(key: nil)) {
            [BeijingTime.text($0.at), $0.operation, $0.key, $0.number]
        }
        body += table("Calls", ["at", "operation", "key", "outcome"], try objects.calls(operation: nil, limit: rowsShown)) {
            [BeijingTime.text($0.at), $0.operation, $0.key, $0.outcome]
        }
        return .text(
            """
            <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Daifa partner sandbox</title>
            <style>body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em .6em;text-align:left}</style>
            </head><body><h1>Partner sandbox</h1>
            <p>JD: /oauth2/to_login, /routerjson, /oauth/authorize, /integratedsupplychain/… · Pinduoduo: /service-market/auth, /api/router ·
            Jackyun: /open/openapi/do · control: /sandbox/…</p>\(body)</body></html>

            """, type: "text/html; charset=utf-8")
    }

    private static func orders(_ objects: ObjectStore) throws(StoreError) -> String {
        table("Outbound orders", ["number", "key", "warehouse", "status", "waybill", "goods", "consignee"], try objects.all(Outbound.self))
        {
            [
                $0.number, $0.key, $0.warehouseNo, "\($0.status) \(OutboundStatus.name($0.status))", $0.waybill ?? "",
                $0.lines.map { "\($0.isvGoodsNo) × \($0.quantity)" }.joined(separator: ", "),
                FormText.masked($0.consignee.name, showing: 1),
            ]
        }
            + table("Inbound orders", ["number", "key", "warehouse", "status", "goods"], try objects.all(Inbound.self)) {
                [
                    $0.number, $0.key, $0.warehouseNo, $0.status,
                    $0.lines.map { "\($0.isvGoodsNo) × \($0.quantity)" }.joined(separator: ", "),
                ]
            }
    }

    private static func marketplaces(_ objects: ObjectStore) throws(StoreError) -> String {
        table("Malls", ["id", "name", "role"], try objects.all(Mall.self)) { [$0.mallId, $0.name, $0.role == 2 ? "factory" : "merchant"] }
            + table("Mall orders", ["number", "mall", "status", "after-sale", "risk", "tracking number"], try objects.all(MallOrder.self)) {
                [
                    $0.orderSn, $0.mallId, "\($0.orderStatus ?? 1)", "\($0.afterSalesStatus ?? 0)", "\($0.riskControlStatus ?? 0)",
                    $0.trackingNumber ?? "",
                ]
            }
            + table(
                "Factory-dropship orders", ["number", "factory", "assigned", "waybill", "returned"], try objects.all(DropshipOrder.self)
            ) {
                [$0.orderMaskSn, $0.factoryMallId, "\($0.status ?? 1)", $0.waybillCode ?? "", "\($0.returnStatus ?? 0)"]
            }
            + table("ERP orders", ["number", "shop's number", "status", "tracking number"], try objects.all(Trade.self)) {
                [$0.tradeNo, $0.onlineTradeNo, "\($0.tradeStatus ?? 1010)", $0.mainPostid ?? ""]
            }
    }

    private static func table<Row>(_ title: String, _ columns: [String], _ rows: [Row], cells: (Row) -> [String]) -> String {
        let head = columns.map { "<th>\($0)</th>" }.joined()
        let lines = rows.suffix(rowsShown).reversed().map { row in
            "<tr>" + cells(row).map { "<td>\(FormText.html($0))</td>" }.joined() + "</tr>"
        }
        return "<h2>\(title) (\(rows.count))</h2><table><tr>\(head)</tr>\(lines.joined(separator: "\n"))</table>\n"
    }
}
