import CommandLine
import Contracts
import JSON
import Testing

@testable import CLI
@testable import Runtime

@Suite struct SendTests {
    @Test func theCatalogIsTheContractsTable() throws {
        #expect(Catalog.entries(of: "binding").map(\.name).count == 10)
        #expect(
            Catalog.entries(of: "order").map(\.name) == [
                "placed", "address-changed", "after-sale-opened", "after-sale-closed", "risk-held", "risk-cleared", "cancelled",
                "unallocated", "reassigned",
            ])
        let all = Catalog.places.flatMap { Catalog.entries(of: $0) }
        #expect(Set(all.map(\.type)).count == all.count)
        for place in Catalog.places {
            for entry in Catalog.entries(of: place) {
                #expect(entry.type == "daifa.\(place).\(entry.name).v1")
                #expect(entry.topic == (place == "order" ? "daifa.orders" : "daifa.\(place).commands"))
                #expect((entry.answers == nil) == (place == "order"))
            }
        }
    }

    @Test func theKeyIsTheContractsField() throws {
        func key(_ place: String, _ name: String, _ data: String) throws -> String {
            let entry = try #require(Catalog.entries(of: place).first { $0.name == name })
            return try entry.read(Array(data.utf8))
        }
        let pair = "{\"merchantShopId\":\"m\",\"factoryShopId\":\"f\"}"
        #expect(try key("binding", "apply", pair) == "m" && key("binding", "approve", pair) == "f")
        #expect(try key("shipping", "pull-status", "{\"inboundId\":\"i\",\"merchantShopId\":\"m\"}") == "i")
        #expect(throws: JSONError.self) { try key("binding", "apply", "{\"merchantShopId\":\"m\"}") }
    }

    @Test(arguments: [
        (["send", "alocation", "allocate"], ExitCode.usage), (["send", "allocation", "allocate", "--actor", "merchant:m"], .usage),
        (["send", "allocation", "allocate", "--actor", "merchant", "--data", "{}"], .usage),
        (["send", "allocation", "allocate", "--data", "{}"], .usage),
        (["send", "allocation", "allocate", "--actor", "merchant:m", "--data", "{}", "--file", "x"], .usage),
        (["send", "allocation", "alocate", "--actor", "merchant:m", "--data", "{}"], .usage),
        (["send", "authorization", "begin", "--actor", "merchant:m", "--data", "{}", "--unchecked"], .usage),
        (["send", "allocation", "allocate", "--actor", "merchant:m", "--data", "{\"orderId\":1}"], .badData),
        (["send", "allocation", "allocate", "--actor", "merchant:m", "--file", "/no/such/file"], .badData),
        (["send", "waybill"], .success),
    ]) func whatIsWrongIsFoundBeforeKafkaIsAsked(arguments: [String], code: ExitCode) { #expect(Daifa.execute(arguments) == code) }
}
