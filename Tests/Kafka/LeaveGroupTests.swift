import Testing

@testable import Kafka

@Suite struct LeaveGroupTests {
    @Test(arguments: [
        ("kafka:9093", "kafka", "9093"), ("kafka", "kafka", "9092"), ("PLAINTEXT://10.0.0.1:9094", "10.0.0.1", "9094"),
        ("[::1]:9092", "::1", "9092"), ("[::1]", "::1", "9092"),
    ])
    func readsAddresses(server: String, host: String, port: String) {
        let address = LeaveGroup.address(Substring(server))
        #expect(address?.host == host)
        #expect(address?.port == port)
    }

    @Test func anEmptyAddressIsNone() {
        #expect(LeaveGroup.address("") == nil)
        #expect(LeaveGroup.address(":9092") == nil)
    }

    @Test func framesARequest() {
        var request = WireWriter(api: 13, version: 3, client: "c")
        request.string("g")
        request.int32(1)
        #expect(request.framed == [0, 0, 0, 18, 0, 13, 0, 3, 0, 0, 0, 1, 0, 1, 99, 0, 1, 103, 0, 0, 0, 1])
    }

    @Test func anAnswerThatEndsEarlyIsNotRead() {
        var answer = WireReader([0, 0, 0, 5, 0, 4, 97, 98][...])
        #expect(answer.int32() == 5)
        #expect(answer.string() == nil)
        var short = WireReader([0][...])
        #expect(short.int16() == nil)
    }

    @Test func nobodyThereIsNoHang() async throws {
        let start = ContinuousClock.now
        // nothing listens on port 1
        #expect(!LeaveGroup(bootstrapServers: "127.0.0.1:1", group: "g", instance: "i").send(within: 2))
        #expect(ContinuousClock.now - start < .seconds(2.5))
    }
}
