// The parts of LINE's LIFF script that the plan pages use; bundled by `make line` and served by us.
import liff from "@line/liff/core";
import GetIDToken from "@line/liff/get-id-token";
import IsInClient from "@line/liff/is-in-client";
import IsLoggedIn from "@line/liff/is-logged-in";
import Login from "@line/liff/login";

for (const part of [new GetIDToken(), new IsInClient(), new IsLoggedIn(), new Login()]) {
  liff.use(part);
}
window.liff = liff;
