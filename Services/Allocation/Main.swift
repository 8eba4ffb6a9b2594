@main
struct AllocationMain {
    static func main() {}
}
