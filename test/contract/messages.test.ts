import { driverContract } from "./driver-contract.ts";
import { toolContract } from "./tool-contract.ts";

driverContract("messages");
toolContract("messages");
