import ArgumentParser
import NIOPosix
import NIOHTTP1
import Logging
