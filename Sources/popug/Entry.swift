import ArgumentParser
import Composition

@main
struct Entry {
    static func main() async {
        await Popug.main()
    }
}
