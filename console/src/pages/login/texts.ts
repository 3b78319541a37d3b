import { texts } from "../../i18n/texts";

export const login = texts(
  {
    title: "Sign in to funcd",
    user: "User name",
    password: "Password",
    userMissing: "Enter the user name",
    passwordMissing: "Enter the password",
    newPassword: "New password",
    newPasswordMissing: "Enter the new password",
    mustChange: "This password must be changed before the first sign-in. Choose a new one.",
    changeAndSignIn: "Change the password and sign in",
    signIn: "Sign in",
    wrong: "The user name or password is wrong, or the user is disabled.",
    linkGone: "The link was used before or is older than 15 minutes.",
    hint: "Without a password? On the machine that runs funcd this prints a link that signs you in:",
  },
  {
    title: "登录 funcd",
    user: "用户名",
    password: "密码",
    userMissing: "请输入用户名",
    passwordMissing: "请输入密码",
    newPassword: "新密码",
    newPasswordMissing: "请输入新密码",
    mustChange: "首次登录前必须修改密码,请设置新密码。",
    changeAndSignIn: "修改密码并登录",
    signIn: "登录",
    wrong: "用户名或密码错误,或者用户已停用。",
    linkGone: "该链接已使用过,或者已超过 15 分钟。",
    hint: "没有密码?在运行 funcd 的机器上执行以下命令,会打印一个登录链接:",
  },
);
