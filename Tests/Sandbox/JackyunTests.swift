import Foundation
import JSON
import Testing

@testable import Sandbox

@Suite struct JackyunTests {
    private let trade: JSONValue = [
        "tradeOrder": [
            "onlineTradeNo": "online-1", "shopId": "1", "tradeOrderDetails": [["goodsNo": "CUP-2", "sellCount": "2"]],
        ]
    ]
    private let fields = "tradeNo,onlineTradeNo,mainPostid,logisticName,tradeStatus,scrollId"

    private func data(_ answer: RunningSandbox.Answer) -> JSONValue? {
        answer.json?["code"]?.int == 200 ? answer.json?.at("result", "data") : nil
    }

    @Test func anOrderIsMadeOnceShippedAndFoundByItsChange() async throws {
        let sandbox = try RunningSandbox()
        func make() async throws -> String? {
            data(try await sandbox.jackyun("oms.trade.ordercreate", trade))?.at("tradeOrder", "tradeNo")?.string
        }
        let number = try #require(try await make())
        #expect(try await make() == number)
        #expect(try await sandbox.control("creates?key=online-1").array?.count == 1)
        let done = data(
            try await sandbox.jackyun(
                "oms.trade.order.completeDelivery",
                [["tradeNo": .string(number), "logisticNo": "YT1", "logisticName": "圆通速递"], ["tradeNo": "JY9", "logisticNo": "YT2"]]))
        #expect(done?["failedResults"]?.array?.compactMap { $0["tradeNo"]?.string } == ["JY9"])
        func changed(_ scroll: String) async throws -> JSONValue? {
            data(
                try await sandbox.jackyun(
                    "oms.trade.fullinfoget",
                    [
                        "startModified": .string(RunningSandbox.beijing(Date(timeIntervalSinceNow: -3600))),
                        "endModified": .string(RunningSandbox.beijing(Date(timeIntervalSinceNow: 3600))), "tradeStatusList": [6000, 9090],
                        "fields": .string(fields), "pageSize": 200, "scrollId": .string(scroll),
                    ]))
        }
        let first = try await changed("")
        #expect(first?["trades"]?.array?.count == 1)
        #expect(first?["trades"]?[0]?["mainPostid"]?.string == "YT1")
        #expect(first?["trades"]?[0]?["shopId"] == nil)
        #expect(try await changed(first?["scrollId"]?.string ?? "")?["trades"]?.array?.isEmpty == true)
    }

    @Test func anOrderIsCancelledByItsNumberUnlessItIsOnItsWay() async throws {
        let sandbox = try RunningSandbox()
        let made = data(try await sandbox.jackyun("oms.trade.ordercreate", trade))
        let number = try #require(made?.at("tradeOrder", "tradeNo")?.string)
        let request: JSONValue = ["tradeNos": .string(number), "cancelReason": "420001"]
        #expect(try await sandbox.jackyun("oms.trade.ordercancel", ["tradeNos": .string(number)]).json?["code"]?.int == 0)
        #expect(data(try await sandbox.jackyun("oms.trade.ordercancel", request)) != nil)
        let trades = try await sandbox.control("trades").array ?? []
        #expect(trades.first { $0["tradeNo"]?.string == number }?["tradeStatus"]?.int == 5010)
        _ = try await sandbox.jackyun("oms.trade.order.completeDelivery", [["tradeNo": .string(number), "logisticNo": "YT1"]])
        #expect(try await sandbox.jackyun("oms.trade.ordercancel", request).json?["code"]?.int == 0)
    }

    @Test func numbersAreTextsFieldsAndAWindowAreNeededAtMostSevenDays200Rows() async throws {
        let sandbox = try RunningSandbox()
        func code(_ method: String, _ content: JSONValue, sign: String? = nil) async throws -> Int? {
            try await sandbox.jackyun(method, content, sign: sign).json?["code"]?.int
        }
        let number: JSONValue = [
            "tradeOrder": ["onlineTradeNo": "online-1", "tradeOrderDetails": [["goodsNo": "CUP-2", "sellCount": 2]]]
        ]
        #expect(try await code("oms.trade.ordercreate", number) == 0)
        let outside: JSONValue = [
            "tradeOrder": ["onlineTradeNo": "online-1"], "tradeOrderDetails": [["goodsNo": "CUP-2", "sellCount": "2"]],
        ]
        #expect(try await code("oms.trade.ordercreate", outside) == 0)
        #expect(try await code("oms.trade.ordercreate", trade, sign: "0") == 0)
        #expect(try await code("oms.trade.fullinfoget", ["tradeNo": "JY1"]) == 0)
        #expect(try await code("oms.trade.fullinfoget", ["fields": "tradeNo"]) == 0)
        #expect(try await code("oms.trade.fullinfoget", ["tradeNo": "JY1", "fields": "tradeNo", "pageSize": 201]) == 0)
        let days: JSONValue = ["startModified": "2024-01-01 00:00:00", "endModified": "2024-01-09 00:00:00", "fields": "tradeNo"]
        #expect(try await code("oms.trade.fullinfoget", days) == 0)
        #expect(try await code("oms.trade.fullinfoget", ["tradeNo": "JY1", "fields": "tradeNo"]) == 200)
    }
}
